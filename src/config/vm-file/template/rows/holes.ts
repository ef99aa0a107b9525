import type { ConfigPath } from '../../../machine.ts';
import type { Mistake } from '../../../yaml/mistake.ts';
import { leaf, listOf, mapOf } from '../../../yaml/place.ts';
import type { Place, SourceText } from '../../../yaml/place.ts';
import { MOST_TEXT } from '../../../yaml/node-reader.ts';
import { wantsText } from '../../schema/vm-file.ts';
import { isMapPlace, wrongAt } from '../trees.ts';

const WORD = '[A-Za-z_][\\w-]*';
/** `{name}`, or what stands for that text itself. All other braces are text. */
const HOLE = new RegExp(`\\{\\{(?<literal>${WORD})\\}\\}|\\{(?<name>${WORD})\\}`, 'gu');
const ONE_HOLE = new RegExp(`^\\{(?<name>${WORD})\\}$`, 'u');
const NAME = new RegExp(`^${WORD}$`, 'u');

/** Names in a message, and signs of each. */
const MOST_NAMES = 10;
const MOST_SIGNS = 40;

/** What fills the holes of one VM. */
export interface Filling {
  /** The value of a name: of a column, or one that counts. */
  readonly cell: (name: string) => Cell | undefined;
  /** Names that there are. */
  readonly names: readonly string[];
  /** Which VM it is, from 1. */
  readonly n: number;
  /** The text of the file itself. */
  readonly own: SourceText;
  /** To which is added what no row fills. */
  readonly mistakes: Mistake[];
}

export interface Cell {
  readonly value: unknown;
  /** Where it stands; undefined: nowhere, it was counted. */
  readonly place: Place | undefined;
}

/** A tree with its holes filled. */
export function filled(place: Place, filling: Filling, path: ConfigPath = []): Place {
  const hole = writtenHole(place, filling.own);
  if (hole !== undefined) return whole(place, hole, filling, path);
  if (isMapPlace(place)) {
    const children = new Map<string, Place>();
    for (const [key, child] of place.children)
      children.set(String(key), filled(child, filling, [...path, key]));
    return mapOf(children, place);
  }
  if (Array.isArray(place.value)) {
    return listOf(
      [...place.children].map(([at, child]) => filled(child, filling, [...path, at])),
      place,
    );
  }
  return typeof place.value === 'string' && place.value.includes('{')
    ? text(place, place.value, filling, path)
    : place;
}

/** Whether a text has a hole. */
export function hasHole(value: string): boolean {
  return value.match(HOLE)?.some((one) => !one.startsWith('{{')) ?? false;
}

/** Names of the holes of a value, apart from those of values in it. @param own the text of the file itself */
export function holeNames(place: Place, own: SourceText): readonly string[] {
  const name = writtenHole(place, own);
  if (name !== undefined) return [name];
  const { value } = place;
  if (typeof value !== 'string') return [];
  return Array.from(value.matchAll(HOLE)).flatMap(({ groups }) => groups?.['name'] ?? []);
}

/** The name of a hole that is all of a value: `"{ip}"`, or `{ip}`, which to YAML is a map. */
function writtenHole(place: Place, own: SourceText): string | undefined {
  const { value, children, original = place } = place;
  if (typeof value === 'string') return ONE_HOLE.exec(value)?.groups?.['name'];
  const [[name, child] = ['', undefined]] = children;
  if (!isMapPlace(place) || children.size !== 1 || child === undefined) return undefined;
  const isEmpty = child.value === null && child.offset === child.end;
  const written = (place.source?.tree ?? own).text[original.offset];
  return isEmpty && written === '{' && NAME.test(String(name)) ? String(name) : undefined;
}

/** A value that is one hole: of the type that its key wants, and where its cell stands. */
function whole(place: Place, name: string, filling: Filling, path: ConfigPath): Place {
  const cell = cellOf(place, name, filling, path);
  if (cell === undefined) return leaf('', place);
  const value = wantsText(path) ? textOf(cell, filling.own) : typed(cell);
  return leaf(value, { ...place, ...(cell.place && whereOf(cell.place)) });
}

function whereOf({ offset, end, source }: Place): Pick<Place, 'offset' | 'end' | 'source'> {
  return { offset, end, source };
}

function text(place: Place, value: string, filling: Filling, path: ConfigPath): Place {
  let length = 0;
  let isTooLong = false;
  const after = value.replaceAll(HOLE, (...args: unknown[]) => {
    const { literal, name } = groupsOf(args);
    if (literal !== undefined) return `{${literal}}`;
    const cell = isTooLong || name === undefined ? undefined : cellOf(place, name, filling, path);
    const words = cell === undefined ? '' : textOf(cell, filling.own);
    length += words.length;
    isTooLong ||= length > MOST_TEXT;
    return isTooLong ? '' : words;
  });
  if (isTooLong)
    filling.mistakes.push(wrongAt(place, path, `comes to more than ${MOST_TEXT / 1024} KiB of text`));
  return leaf(after, place);
}

type Groups = Partial<Record<'literal' | 'name', string>>;

/** The named groups, which a replacer is given last. */
function groupsOf(args: readonly unknown[]): Groups {
  const last = args.at(-1);
  return typeof last === 'object' && last !== null ? last : {};
}

function cellOf(place: Place, name: string, filling: Filling, path: ConfigPath): Cell | undefined {
  const { names, n, mistakes, own } = filling;
  const cell = filling.cell(name);
  if (cell !== undefined && cell.value !== '') return cell;
  const of = n === 1 ? '' : ` for VM ${n}`;
  const known = knownIn(names);
  const why = `nothing fills {${name}}${of}: there are ${known}; write {{${name}}} for the text itself`;
  mistakes.push(
    cell?.place === undefined
      ? wrongAt(holeAt(place, name, own), path, why)
      : wrongAt(cell.place, path, `is to be filled with ${name}, and this is empty`),
  );
  return undefined;
}

/** Those that can be filled; of many the first ones. */
function knownIn(names: readonly string[]): string {
  const words = names.filter((name) => NAME.test(name) && name.length <= MOST_SIGNS);
  const more = words.length - MOST_NAMES;
  const shown = words.slice(0, MOST_NAMES).map((name) => `{${name}}`);
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** Where in a value a hole is, as far as it can be seen. */
function holeAt(place: Place, name: string, own: SourceText): Pick<Place, 'offset' | 'end' | 'source'> {
  const { offset, end, source } = place;
  const written = (source?.tree ?? own).text.slice(offset, end);
  const at = written.indexOf(`{${name}}`);
  return at < 0 ? place : { offset: offset + at, end: offset + at + name.length + 2, source };
}

/** As it is written: 1.10 is not 1.1 in a text. */
function textOf({ value, place }: Cell, own: SourceText): string {
  if (typeof value !== 'number' || place === undefined) return String(value);
  if (place.written !== undefined) return place.written;
  const { offset, end } = place.original ?? place;
  return (place.source?.tree ?? own).text.slice(offset, end);
}

/** A number of a table is one where the key wants no text; in YAML it says itself what it is. */
function typed({ value, place }: Cell): unknown {
  if (typeof value !== 'string' || !(place?.source?.file.toLowerCase().endsWith('.csv') ?? false))
    return value;
  if (/^(?:true|false)$/u.test(value)) return value === 'true';
  return /^(?:0|-?[1-9][0-9]{0,14})$/u.test(value) ? Number(value) : value;
}
