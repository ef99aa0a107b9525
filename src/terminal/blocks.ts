import { printable } from '../text/printable.ts';
import { textWidth } from '../text/width.ts';

/** Lines of `Key:  value`, in blocks with blocks in them. */

export interface Field {
  readonly key: string;
  /** Undefined: the field is left out. */
  readonly value: string | undefined;
}

export function field(key: string, value: string | undefined): Field {
  return { key, value };
}

export interface Block {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** A text is a line of its own. */
export type Entry = Field | Block | string;

const INDENT = '  ';
const GAP = 2;

/**
 * The values of a block begin in one column. What is foreign in them cannot move the cursor or begin a line.
 * A block with nothing in it is left out.
 */
export function blockLines(entries: readonly Entry[], indent = ''): readonly string[] {
  const shown = entries.filter(
    (entry) => typeof entry === 'string' || 'title' in entry || entry.value !== undefined,
  );
  const keys = shown.flatMap((entry) => (typeof entry === 'object' && 'key' in entry ? [entry.key] : []));
  const width = Math.max(0, ...keys.map((key) => textWidth(printable(key)))) + 1 + GAP;
  return shown.flatMap((entry): readonly string[] => {
    if (typeof entry === 'string') return [indent + printable(entry)];
    if ('key' in entry) return [indent + fieldLine(entry, width)];
    const lines = blockLines(entry.entries, indent + INDENT);
    return lines.length === 0 ? [] : [`${indent}${printable(entry.title)}:`, ...lines];
  });
}

function fieldLine({ key, value = '' }: Field, width: number): string {
  const shown = `${printable(key)}:`;
  return `${shown}${' '.repeat(width - textWidth(shown))}${printable(value)}`.trimEnd();
}
