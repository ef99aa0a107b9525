import type { FileMistake } from '../../errors/plow-error.ts';
import type { Excerpt } from './excerpt.ts';
import { showFile } from '../yaml/mistake.ts';

/** Something that is wrong with a file, or odd about it, with all that is known of where. */
export interface Diagnostic {
  readonly file: string;
  readonly severity: 'error' | 'warning';
  /** `network_interfaces[0].ip`; empty where the whole file is meant. */
  readonly key: string;
  /** `file:line:column` of a value that comes from plow's settings, and not from the file. */
  readonly origin?: string;
  readonly text: string;
  /** What was likely meant instead of the key or the value. */
  readonly suggestion?: string;
  /** Undefined where no place of the file is meant: it cannot be read. */
  readonly spot: Spot | undefined;
}

export interface Spot {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units, as editors count. */
  readonly column: number;
  /** Behind the last character on this line, and always behind `column`. */
  readonly endColumn: number;
  readonly excerpt: Excerpt;
}

/** `file:line:column: key: text`, in one line. */
export function describe(diagnostic: Diagnostic): string {
  const { key, origin, text } = diagnostic;
  const source = origin === undefined ? key : `${key} (from ${origin})`;
  return [whereIs(diagnostic), source, text].filter((part) => part !== '').join(': ');
}

/** The same as data. */
export function asMistake({ file, spot, key, origin, text }: Diagnostic): FileMistake {
  const message = origin === undefined ? text : `(from ${origin}) ${text}`;
  return { file, line: spot?.line, column: spot?.column, key: key === '' ? undefined : key, message };
}

/** `file:line:column` */
export function whereIs({ file, spot }: Pick<Diagnostic, 'file' | 'spot'>): string {
  return spot === undefined ? showFile(file) : `${showFile(file)}:${spot.line}:${spot.column}`;
}

/** From top to bottom of one file, for sorting; those of several file by file. */
export function byPlace(a: Pick<Diagnostic, 'file' | 'spot'>, b: Pick<Diagnostic, 'file' | 'spot'>): number {
  const [one, other] = [a.spot, b.spot];
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (one?.line ?? 0) - (other?.line ?? 0) || (one?.column ?? 0) - (other?.column ?? 0);
}

/** What is said in place of diagnostics that are too many: a line, or nothing. */
export function omission(file: string, omitted: number): readonly string[] {
  return omitted === 0 ? [] : [`${showFile(file)}: and ${omitted} more`];
}
