import type { Range } from './secrets.ts';

/** A line of a file as it may be shown, and the part of it that is meant, in UTF-16 code units of `text`. */
export interface Excerpt {
  readonly text: string;
  readonly from: number;
  /** Excluded. */
  readonly to: number;
}

/** Stands for every secret, so that not even its length shows. */
const MASK = '(a secret, not shown)';
const CUT = '…';
/** Characters on both sides of what is meant: wider than terminals are, and little of a line of 128 KiB. */
const REACH = 400;

interface Piece {
  readonly range: Range;
  readonly text: string;
  readonly hidden: boolean;
}

/** The line that an offset is on. What is meant ends with that line at the latest. */
export function excerptAt(text: string, [offset, end]: Range, secrets: readonly Range[]): Excerpt {
  const line = lineAt(text, offset);
  const stop = Math.min(end, line[1]);
  const window: Range = [Math.max(line[0], offset - REACH), Math.min(line[1], offset + REACH)];
  const pieces = masked(text, window, secrets);
  const before = window[0] > line[0] ? CUT : '';
  const after = window[1] < line[1] ? CUT : '';
  const index = (at: number, side: 0 | 1): number => before.length + indexIn(pieces, at, side);
  return {
    text: before + pieces.map((piece) => piece.text).join('') + after,
    from: index(offset, 0),
    to: index(Math.min(Math.max(stop, offset), window[1]), 1),
  };
}

/** Without its end, be that LF or CR LF. */
export function lineAt(text: string, offset: number): Range {
  const from = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  const to = newline === -1 ? text.length : newline;
  return [from, to > from && text[to - 1] === '\r' ? Math.max(to - 1, offset) : to];
}

/** The window in pieces, each of which is shown as it is or is a mask. */
function masked(text: string, [from, to]: Range, secrets: readonly Range[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = from;
  for (const [start, stop] of secrets) {
    if (stop <= from || start >= to) {
      continue;
    }
    const [first, last] = [Math.max(start, from), Math.min(stop, to)];
    pieces.push({ range: [at, first], text: text.slice(at, first), hidden: false });
    pieces.push({ range: [first, last], text: MASK, hidden: true });
    at = last;
  }
  return [...pieces, { range: [at, to], text: text.slice(at, to), hidden: false }];
}

/**
 * Where an offset is in the joined pieces. One inside a mask is at its beginning (side 0) or end (side 1).
 */
function indexIn(pieces: readonly Piece[], offset: number, side: 0 | 1): number {
  let index = 0;
  for (const {
    range: [start, stop],
    text,
    hidden,
  } of pieces) {
    if (offset < stop || (offset === stop && side === 1)) {
      return index + (hidden ? side * text.length : offset - start);
    }
    index += text.length;
  }
  return index;
}
