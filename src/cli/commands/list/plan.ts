import { didYouMean } from '../../../text/nearest.ts';
import { quote } from '../../../text/quote.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { COLUMNS_IF_TOLD, TABLE_COLUMNS, vmColumns, WIDE_COLUMNS } from '../../../views/list/columns.ts';
import type { VmColumn } from '../../../views/list/columns.ts';
import type { VmFact } from '../../../vm/list/list.ts';
import { parseFilter } from './filters.ts';
import type { Filter, FilterKey } from './filters.ts';

export interface ListOptions {
  readonly all?: boolean;
  readonly output: 'table' | 'wide' | 'json' | 'yaml' | 'name' | 'csv';
  /** Names of columns with commas between them. */
  readonly columns?: string;
  /** Name of a column, behind a minus for the other way round. */
  readonly sort?: string;
  readonly filter?: readonly string[];
  readonly watch?: boolean;
  /** False for `--no-headers`. */
  readonly headers: boolean;
  /** False for `--no-trunc`. */
  readonly trunc: boolean;
}

/** What a list asks for and shows. */
export interface ListPlan {
  readonly output: ListOptions['output'];
  readonly all: boolean;
  readonly facts: ReadonlySet<VmFact>;
  readonly namesOnly: boolean;
  readonly columns: readonly VmColumn[];
  /** Behind them where a row says something in them. */
  readonly columnsIfTold: readonly VmColumn[];
  readonly sort: { readonly column: VmColumn; readonly isDescending: boolean } | undefined;
  readonly filters: readonly Filter[];
  readonly headers: boolean;
  /** Nothing is shortened or left out, however narrow the terminal is. */
  readonly noTrunc: boolean;
}

/** @throws PlowError (config) for a mistake in the options */
export function planList(
  { all = false, output, columns, sort, filter = [], headers, trunc }: ListOptions,
  ofSeveralHosts = false,
): ListPlan {
  const known = vmColumns(new Date());
  if (columns !== undefined && !['table', 'wide', 'csv'].includes(output)) {
    throw new PlowError('config', `--columns goes with -o table, wide or csv, not with ${output}`);
  }
  const named = columns?.split(',').map((name) => columnNamed(name.trim(), known));
  const usual = output === 'table' ? TABLE_COLUMNS : WIDE_COLUMNS;
  const byDefault = ofSeveralHosts ? ['host', ...usual] : usual;
  const shown = named ?? byDefault.map((name) => columnNamed(name, known));
  const filters = filter.map(parseFilter);
  const isDescending = sort?.startsWith('-') === true;
  const sortColumn = sort === undefined ? undefined : columnNamed(sort.replace(/^-/u, ''), known);
  const isDocument = output === 'json' || output === 'yaml';
  const looked = [...(output === 'name' || isDocument ? [] : shown), ...(sortColumn ? [sortColumn] : [])];
  const needed = [
    ...looked.flatMap(({ needs = [] }) => needs),
    ...filters.flatMap(({ key }) => FILTER_NEEDS[key]),
  ];
  return {
    output,
    // A VM in the state that was asked for is not left out because it does not run.
    all: all || filters.some(({ key }) => key === 'state'),
    facts: factsFor(isDocument ? EVERY_FACT : needed),
    namesOnly: output === 'name' && filters.length === 0 && sortColumn === undefined,
    columns: shown,
    columnsIfTold:
      output === 'table' && named === undefined
        ? COLUMNS_IF_TOLD.map((name) => columnNamed(name, known))
        : [],
    sort: sortColumn && { column: sortColumn, isDescending },
    filters,
    headers,
    noTrunc: !trunc,
  };
}

const FILTER_NEEDS: Readonly<Record<FilterKey, readonly VmFact[]>> = {
  name: [],
  state: [],
  tag: ['own'],
  bridge: ['documents'],
  image: ['own', 'documents'],
};

const EVERY_FACT: readonly VmFact[] = ['own', 'documents', 'addresses', 'flags', 'files'];

/** Where more is asked of libvirt than the plain table shows, STATE tells of missing files as well. */
function factsFor(needed: readonly VmFact[]): ReadonlySet<VmFact> {
  return new Set(needed.every((fact) => fact === 'own') ? needed : [...needed, 'files']);
}

function columnNamed(name: string, known: readonly VmColumn[]): VmColumn {
  const found = known.find((column) => column.name === name);
  if (found !== undefined) return found;
  const names = known.map((column) => column.name);
  throw new PlowError('config', `there is no column ${quote(name)}${didYouMean(name, names)}`, {
    hint: `columns: ${names.join(', ')}`,
  });
}
