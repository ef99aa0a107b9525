import { PlowError } from '../../../errors/plow-error.ts';
import { failureLines } from '../../../views/failure/text.ts';
import { escaped } from '../../../text/printable.ts';
import { withoutPassword } from '../../../text/secrets.ts';
import type { ShownVm } from '../../../views/list/columns.ts';
import { hostsListDocument } from '../../../views/list/document.ts';
import { sortedBy, vmCsv } from '../../../views/list/table.ts';
import type { Environment } from '../../environment.ts';
import { withHypervisor } from '../../run/session.ts';
import { onEachHost, worstOf } from '../../run/hosts/each-host.ts';
import type { OfHost } from '../../run/hosts/each-host.ts';
import type { Settings } from '../../settings/settings.ts';
import { GrowingTable } from './growing-table.ts';
import { planList } from './plan.ts';
import type { ListOptions, ListPlan } from './plan.ts';
import { leftOutNote, lookOf, noteOf, readOnly, rowsOf } from './run.ts';

/** Hosts that answer in this time come in the order of the settings, and with one table. */
const HOLD_MS = 700;

type Found = readonly ShownVm[];

/**
 * `plow list` of several hosts, which are asked at the same time: those that answer do not wait for those
 * that do not. @returns the exit code @throws PlowError where a host could not be listed
 */
export async function runListOfHosts(
  options: ListOptions,
  all: readonly Settings[],
  environment: Environment,
): Promise<number> {
  if (options.watch === true)
    throw new PlowError('config', '--watch is about one hypervisor, and several are meant');
  const { output } = environment;
  const plan = planList(options, true);
  const printer =
    isDocument(plan) || plan.sort !== undefined ? undefined : await printerOf(plan, environment);
  const list = async (settings: Settings): Promise<Found> => {
    const rows = await withHypervisor(
      settings,
      environment,
      (hypervisor) => rowsOf(hypervisor, { ...plan, sort: undefined }),
      readOnly(plan),
      true,
    );
    return rows.map((row) => ({ ...row, host: settings.host }));
  };
  const hosts = await onEachHost(all, list, (one) => {
    if (one.error === undefined) printer?.add(one);
    else if (!isDocument(plan)) tell(one.name, one.error, one.settings, environment);
  });
  const rows = hosts.flatMap(({ result }) => result ?? []);
  printer?.end();
  if (isDocument(plan)) output.print(await documentOf(hosts, rows, plan.output));
  else if (plan.sort !== undefined) {
    const sorted = sortedBy(plan.sort.column, plan.sort.isDescending, rows);
    for (const line of (await linesOf(plan, environment)).of(sorted, true)) output.print(line);
  }
  const worst = worstOf(hosts);
  const note = noteOf(rows.length, plan) ?? printer?.note?.();
  // Of those that answered nothing is said that may be true of the others.
  if (note !== undefined && (worst === undefined || rows.length > 0)) output.say(note);
  if (worst !== undefined) throw worst;
  return 0;
}

function tell(host: string, error: PlowError, { verbose }: Settings, { output }: Environment): void {
  for (const line of failureLines(error, verbose, host)) output.say(line);
}

function isDocument({ output }: ListPlan): boolean {
  return output === 'json' || output === 'yaml';
}

async function documentOf(
  hosts: readonly OfHost<Found>[],
  rows: Found,
  output: ListPlan['output'],
): Promise<string> {
  const { documentText } = await import('../../../documents/serialize.ts');
  const asked = hosts.map(({ name, settings, error }) => ({
    name,
    uri: withoutPassword(settings.uri),
    error,
  }));
  return documentText(hostsListDocument(asked, rows), output === 'yaml' ? 'yaml' : 'json');
}

interface Lines {
  readonly of: (rows: Found, isFirst: boolean) => readonly string[];
  /** What is to be said of them. */
  readonly note?: () => string | undefined;
}

async function linesOf(plan: ListPlan, environment: Environment): Promise<Lines> {
  if (plan.output === 'name')
    return { of: (rows) => rows.map(({ host, name }) => escaped(`${host}:${name}`)) };
  if (plan.output === 'csv')
    return { of: (rows, isFirst) => vmCsv(plan.columns, rows, { headers: plan.headers && isFirst }) };
  const table = new GrowingTable(plan.columns, plan.columnsIfTold, await lookOf(plan, environment));
  return { of: (rows) => table.lines(rows), note: () => leftOutNote(table.leftOut) };
}

interface Printer extends Pick<Lines, 'note'> {
  readonly add: (one: OfHost<Found>) => void;
  readonly end: () => void;
}

/** Prints what hosts have: first those that were quick, together, then each as it comes. */
async function printerOf(plan: ListPlan, environment: Environment): Promise<Printer> {
  const lines = await linesOf(plan, environment);
  const held: OfHost<Found>[] = [];
  let isFirst = true;
  const print = (rows: Found): void => {
    if (!isFirst && rows.length === 0) return;
    for (const line of lines.of(rows, isFirst)) environment.output.print(line);
    isFirst = false;
  };
  const release = (): void => {
    const rows = held
      .splice(0)
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      .flatMap(({ result }) => result ?? []);
    if (rows.length > 0) print(rows);
  };
  let timer: NodeJS.Timeout | undefined = setTimeout(() => {
    timer = undefined;
    release();
  }, HOLD_MS);
  return {
    ...lines,
    add: (one) => {
      held.push(one);
      if (timer === undefined) release();
    },
    end: () => {
      clearTimeout(timer);
      release();
      if (isFirst) print([]);
    },
  };
}
