import { LineCounter } from 'yaml';

import type { Mistake } from '../../../yaml/mistake.ts';
import { leaf } from '../../../yaml/place.ts';
import type { Place, Source, SourceText } from '../../../yaml/place.ts';
import { MOST_ROWS } from '../keys.ts';
import { wrongAt } from '../trees.ts';

/** A table: its rows, each with its cells by column; or what is wrong with it. */
export type Table = { readonly rows: readonly ReadonlyMap<string, Place>[] } | { readonly mistake: Mistake };

type Cell = Pick<Place, 'offset' | 'end'> & { readonly text: string };

/** What keeps a text from being a table. */
class Unreadable extends Error {
  readonly offset: number;

  constructor(offset: number, text: string) {
    super(text);
    this.offset = offset;
  }
}

/**
 * A table of RFC 4180: a line of columns, then a line for each row, with commas between cells. Empty lines do
 * not count. @param file that holds it @param text without a byte order mark
 */
export function readCsv(file: string, text: string): Table {
  const source = sourceOf(file, text);
  const wrong = (offset: number, words: string): Table => ({
    mistake: wrongAt({ offset, end: offset, source }, [], words),
  });
  try {
    const [head, ...lines] = linesOf(text);
    if (head === undefined) return wrong(0, 'is empty: its first line says what the columns are called');
    const bad = headMistake(head);
    if (bad !== undefined) return wrong(bad.offset, bad.words);
    if (lines.length > MOST_ROWS) return wrong(0, `has more than ${MOST_ROWS} rows`);
    const uneven = lines.find((cells) => cells.length !== head.length);
    if (uneven !== undefined) {
      const words = `this row has ${cellsIn(uneven.length)}, and the first line has ${head.length}`;
      return wrong(uneven[0]?.offset ?? 0, words);
    }
    return { rows: lines.map((cells) => rowOf(head, cells, source)) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return wrong(error.offset, error.message);
  }
}

function cellsIn(count: number): string {
  return count === 1 ? '1 cell' : `${count} cells`;
}

function rowOf(head: readonly Cell[], cells: readonly Cell[], source: Source): ReadonlyMap<string, Place> {
  return new Map(
    cells.map(({ text, offset, end }, at) => [
      head[at]?.text ?? '',
      leaf(text, { offset, end, source, key: undefined }),
    ]),
  );
}

function headMistake(head: readonly Cell[]): { readonly offset: number; readonly words: string } | undefined {
  const [first] = head;
  if (head.length === 1 && first !== undefined && /[;\t]/u.test(first.text))
    return { offset: first.offset, words: 'columns are parted by commas' };
  const nameless = head.find(({ text }) => text === '');
  if (nameless !== undefined) return { offset: nameless.offset, words: 'a column has no name' };
  const names = new Set<string>();
  const twice = head.find(({ text }) => names.size === names.add(text).size);
  return twice && { offset: twice.offset, words: 'a second column has this name' };
}

function linesOf(text: string): readonly (readonly Cell[])[] {
  const lines: Cell[][] = [];
  let at = 0;
  while (at < text.length) {
    const cells: Cell[] = [];
    let ending: string;
    do {
      const cell = cellAt(text, at);
      cells.push(cell);
      at = cell.next;
      ending = text[at] ?? '';
      at += ending === '\r' && text[at + 1] === '\n' ? 2 : 1;
    } while (ending === ',');
    const isBlank = cells.length === 1 && cells[0]?.text === '' && cells[0].offset === cells[0].end;
    if (!isBlank) lines.push(cells);
  }
  return lines;
}

/** The cell that begins at an offset, without blanks around it. */
function cellAt(text: string, from: number): Cell & { readonly next: number } {
  const [blanks = ''] = /^[ \t]*/u.exec(text.slice(from, from + 200)) ?? [];
  const start = from + blanks.length;
  if (text[start] !== '"') {
    const next = endOf(text, from);
    const written = text.slice(from, next);
    const quote = written.indexOf('"');
    if (quote >= 0)
      throw new Unreadable(
        from + quote,
        'a quote in a cell: put quotes around all of it, and write each quote in it twice',
      );
    const trimmed = written.trim();
    return {
      text: trimmed,
      offset: Math.min(start, next),
      end: Math.min(start, next) + trimmed.length,
      next,
    };
  }
  let end = start + 1;
  while (end < text.length && (text[end] !== '"' || text[end + 1] === '"')) end += text[end] === '"' ? 2 : 1;
  if (end >= text.length) throw new Unreadable(start, 'a quote is opened here and not closed');
  const next = endOf(text, end + 1);
  if (text.slice(end + 1, next).trim() !== '')
    throw new Unreadable(end + 1, 'something stands behind the closing quote of a cell');
  return { text: text.slice(start + 1, end).replaceAll('""', '"'), offset: start, end: end + 1, next };
}

/** Where the cell ends that goes on here. */
function endOf(text: string, from: number): number {
  const ending = /[,\r\n]/gu;
  ending.lastIndex = from;
  return ending.exec(text)?.index ?? text.length;
}

function sourceOf(file: string, text: string): Source {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  const all = { offset: 0, end: text.length, source: undefined, key: undefined };
  const tree: SourceText = {
    text,
    root: leaf(null, all),
    position: (offset) => {
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    },
  };
  return { file, tree };
}
