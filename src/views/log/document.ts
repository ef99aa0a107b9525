import type { LogDocument } from '../../documents/log-schema.ts';
import type { LogLine } from '../../vm/console-log/lines.ts';

/** A line of the console of a VM, for programs. @param host of several */
export function lineDocument(name: string, { boot, time, text }: LogLine, host?: string): LogDocument {
  return {
    ...(host === undefined ? {} : { host }),
    name,
    boot,
    time: time?.toISOString() ?? null,
    line: text,
  };
}
