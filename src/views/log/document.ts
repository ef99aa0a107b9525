import type { LogDocument } from '../../documents/log-schema.ts';
import type { LogLine } from '../../vm/console-log/lines.ts';

/** A line of the console of a VM, for programs. */
export function lineDocument(name: string, { boot, time, text }: LogLine): LogDocument {
  return { name, boot, time: time?.toISOString() ?? null, line: text };
}
