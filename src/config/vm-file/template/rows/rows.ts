import { quote, show } from '../../../../text/quote.ts';
import type { Mistake } from '../../../yaml/mistake.ts';
import type { Place } from '../../../yaml/place.ts';
import { readYamlDocuments, spotOf } from '../../../yaml/tree.ts';
import type { NamedFiles } from '../../reader.ts';
import { readCsv } from './csv.ts';
import { COUNT, EACH, MOST_ROWS } from '../keys.ts';
import { labelOf, located } from '../named.ts';
import { isMapPlace, wrongAt } from '../trees.ts';

/** What one VM of several has of its own, by the names by which the file speaks of it. */
export type Row = ReadonlyMap<string, Place>;

type Rows = { readonly rows: readonly Row[] } | { readonly mistakes: readonly Mistake[] };

/** Names that count the rows, from 1 and from 0. */
export const COUNTERS = ['n', 'index'] as const;

/** The rows of a file; undefined where it is one VM. @param file its own path */
export async function rowsOf(file: string, root: Place, named: NamedFiles): Promise<Rows | undefined> {
  const [count, each] = [root.children.get(COUNT), root.children.get(EACH)];
  if (count !== undefined && each !== undefined)
    return { mistakes: [wrongAt(each.key ?? each, [EACH], `${COUNT} stands beside it: keep one of them`)] };
  if (count !== undefined) return counted(count);
  if (each === undefined) return undefined;
  const rows = typeof each.value === 'string' ? await rowsOfFile(file, each, named) : rowsOfList(each);
  if ('mistakes' in rows) return rows;
  if (rows.rows.length === 0) return { mistakes: [wrongAt(each, [EACH], 'has no rows')] };
  return rows;
}

function counted(place: Place): Rows {
  const { value } = place;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_ROWS)
    return { rows: Array.from({ length: value }, () => new Map()) };
  const text = `expected a whole number from 1 to ${MOST_ROWS}, found ${show(value)}`;
  return { mistakes: [wrongAt(place, [COUNT], text)] };
}

async function rowsOfFile(file: string, place: Place, named: NamedFiles): Promise<Rows> {
  const path = String(place.value);
  const wrong = (text: string): Rows => ({
    mistakes: [wrongAt(place, [EACH], `${quote(path)} ${text}`)],
  });
  const isCsv = /\.csv$/iu.test(path);
  if (!isCsv && !/\.ya?ml$/iu.test(path)) return wrong('is called neither *.csv nor *.yaml');
  const from = place.source?.file ?? file;
  const reading = await named.base(located(from, path));
  if ('problem' in reading) return wrong(reading.problem);
  const label = labelOf(from, path);
  if (isCsv) {
    const table = readCsv(label, reading.text);
    if ('mistake' in table) return { mistakes: [table.mistake] };
    const clash = table.rows[0] && counterIn(table.rows[0]);
    return clash === undefined ? table : { mistakes: [clash] };
  }
  const [tree, second] = readYamlDocuments(reading.text, label);
  if (tree === undefined || second !== undefined)
    return wrong('holds several documents: rows are a list in one');
  const { source } = tree.root;
  const odd = [
    ...tree.syntax.map((mistake) => ({ ...mistake, source })),
    ...[...tree.rules, ...tree.notations].map((mistake) => ({ ...mistake, ...spotOf(tree, mistake) })),
  ];
  return odd.length > 0 ? { mistakes: odd } : rowsOfList(tree.root);
}

function rowsOfList(list: Place): Rows {
  if (!Array.isArray(list.value)) {
    const text = `expected a list of rows, or a file *.csv or *.yaml, found ${show(list.value)}`;
    return { mistakes: [wrongAt(list, [EACH], text)] };
  }
  if (list.children.size > MOST_ROWS)
    return { mistakes: [wrongAt(list, [EACH], `has more than ${MOST_ROWS} rows`)] };
  const rows: Row[] = [];
  const mistakes: Mistake[] = [];
  for (const [at, place] of list.children) {
    const row = new Map<string, Place>();
    if (!isMapPlace(place))
      mistakes.push(
        wrongAt(place, [EACH, at], `expected a map such as { name: web }, found ${show(place.value)}`),
      );
    for (const [key, cell] of isMapPlace(place) ? place.children : []) {
      if (typeof cell.value === 'object' && cell.value !== null)
        mistakes.push(wrongAt(cell, [EACH, at, key], 'a row holds text, numbers, true and false'));
      else if (cell.value !== null) row.set(String(key), cell);
    }
    const clash = counterIn(row);
    if (clash !== undefined) mistakes.push(clash);
    rows.push(row);
  }
  return mistakes.length > 0 ? { mistakes } : { rows };
}

function counterIn(row: Row): Mistake | undefined {
  const name = COUNTERS.find((one) => row.has(one));
  const cell = name && row.get(name);
  return cell && wrongAt(cell.key ?? cell, [EACH], `{${name}} counts the rows: call this something else`);
}
