import * as fc from 'fast-check';
import { wantsText } from '../../../src/config/vm-file/schema/vm-file.ts';
import type { Config } from './configs.ts';

type Path = readonly (string | number)[];

/** A file and what it extends. */
export interface Split {
  readonly base: Config;
  readonly child: Config;
}

/** Which ways are taken. */
export const choices = fc.array(fc.nat(1000), { minLength: 20, maxLength: 60 });

/** Numbers without an end. */
export function stream(numbers: readonly number[]): () => number {
  let at = -1;
  return () => {
    at += 1;
    return (numbers[at % numbers.length] ?? 0) + Math.floor(at / numbers.length);
  };
}

/** Parts a file in two, of which it is made again by `extends`. */
export function split(config: Config, next: () => number): Split {
  const base: [string, unknown][] = [];
  const child: [string, unknown][] = [];
  for (const [key, value] of Object.entries(config)) {
    const way = next() % 5;
    if (way === 0) base.push([key, value]);
    else if (way === 1 || value === null) child.push([key, value]);
    else if (isMap(value)) {
      const both = split(value, next);
      base.push([key, both.base]);
      child.push([key, both.child]);
    } else if (Array.isArray(value) && way < 4) {
      const at = next() % (value.length + 1);
      base.push([key, value.slice(0, at)]);
      child.push([`+${key}`, value.slice(at)]);
    } else {
      base.push([key, next() % 2 === 0 ? 'another' : [{ a: 1 }]]);
      child.push([key, value]);
    }
  }
  // What the base has, and is to go.
  if (next() % 3 === 0) {
    base.push(['gone', { a: [1] }]);
    child.push(['gone', null]);
  }
  return { base: Object.fromEntries(base), child: Object.fromEntries(child) };
}

/** A file with holes, and the row that fills them. */
export interface Filled {
  readonly template: Config;
  readonly row: Readonly<Record<string, string | number | boolean>>;
}

/** A row for a list of YAML; or one for a table, in which all is text. */
export type RowKind = 'list' | 'table';

/** Takes some values out of a file, and parts of texts, into a row. */
export function punched(config: Config, kind: RowKind, next: () => number): Filled {
  const row: Record<string, string | number | boolean> = {};
  const hole = (value: string | number | boolean): string => {
    const name = `c${Object.keys(row).length}`;
    row[name] = value;
    return `{${name}}`;
  };
  const go = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((item, at) => go(item, [...path, at]));
    if (isMap(value))
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, go(item, [...path, key])]));
    if (typeof value === 'string') {
      const way = next() % 4;
      if (way === 0 && canFill(value, path, kind)) return hole(value);
      // Between characters, as half of one is none in a file.
      const characters = Array.from(value);
      const at = next() % (characters.length + 1);
      const part = (from: number, to?: number): string => characters.slice(from, to).join('');
      const [before, middle, after] = [part(0, at), part(at, at + 3), part(at + 3)];
      const isLiteral = before.endsWith('{') && after.startsWith('}');
      if (way > 1 || isLiteral || !canBeCell(middle) || before + after === '') return literal(value);
      // The parts alone must be no hole with what stands beside them.
      if (/\{[\w-]*$/u.test(before) || /^[\w-]*\}/u.test(after)) return literal(value);
      return `${literal(before)}${hole(middle)}${literal(after)}`;
    }
    const isNumber = typeof value === 'number' && /^(?:0|-?[1-9]\d{0,14})$/u.test(String(value));
    if ((isNumber && !Object.is(value, -0)) || typeof value === 'boolean')
      return next() % 2 === 0 && !wantsText(path) ? hole(value) : value;
    return value;
  };
  return { template: go(config, []) as Config, row };
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** As a table of one row. */
export function table(row: Filled['row']): string {
  const cells = Object.entries(row);
  return [cells.map(([name]) => name), cells.map(([, value]) => quoted(String(value)))]
    .map((line) => line.join(','))
    .join('\r\n');
}

/** Whether no key of a file says how it is made. */
export function isPlain(value: unknown, isRoot = true): boolean {
  if (Array.isArray(value)) return value.every((item) => isPlain(item, false));
  if (!isMap(value)) return true;
  return Object.entries(value).every(
    ([key, item]) =>
      !key.startsWith('+') && !(isRoot && /^(?:extends|count|each)$/u.test(key)) && isPlain(item, false),
  );
}

function canFill(text: string, path: Path, kind: RowKind): boolean {
  return canBeCell(text) && (kind === 'list' || wantsText(path) || !/^(?:true|false|-?\d+)$/u.test(text));
}

function canBeCell(text: string): boolean {
  return text !== '' && !/[\p{Cs}\0]/u.test(text);
}

/** A text without holes. */
function literal(text: string): string {
  return text.replaceAll(/\{(?<word>[A-Za-z_][\w-]*)\}/gu, '{{$<word>}}');
}

function isMap(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
