import type { ResultDocument } from '../../../documents/result-schema.ts';
import type { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { DOING, DONE, isOfSnapshot } from './actions.ts';
import type { Action } from './actions.ts';
import type { Outcome, Task } from './task.ts';

/** A VM that is worked on, or will be. */
export interface Entry {
  readonly task: Task;
  /** Where several hosts are worked on. */
  readonly host: string | undefined;
  /** What is done now, once it is begun. */
  step: string | undefined;
  outcome: Outcome | undefined;
}

/** Of a host that could not be asked for its VMs. */
export interface LostHost {
  readonly name: string;
  readonly error: PlowError;
}

/** `web`, and of one of several hosts `hv2:web`. */
export function labelOf({ task, host, outcome }: Entry): string {
  const name = outcome?.name ?? task.name;
  return host === undefined ? name : `${host}:${name}`;
}

export function named(
  entries: readonly Entry[],
  ...statuses: readonly ResultDocument['status'][]
): readonly string[] {
  return entries.flatMap((entry) =>
    entry.outcome !== undefined && statuses.includes(entry.outcome.status) ? [labelOf(entry)] : [],
  );
}

/** `2 of 7 VMs were not stopped: web, db; could not be connected to: hv3` */
export function failureWords(action: Action, entries: readonly Entry[], lost: readonly LostHost[]): string {
  const names = [...named(entries, 'failed'), ...notBegun(entries)];
  const what = isOfSnapshot(action) ? 'snapshots of ' : '';
  const words = `${what}${names.length} of ${entries.length} VMs were not ${DONE[action]}`;
  return summary([[words, names], ...lostByKind(lost)]);
}

/** Names of hosts, those that cannot be reached apart from others, each with what they did. */
export function lostByKind(
  lost: readonly LostHost[],
): readonly (readonly [what: string, names: readonly string[]])[] {
  const isAway = ({ error }: LostHost): boolean => error.kind === 'connection';
  return [
    ['could not be connected to', lost.filter(isAway).map(({ name }) => name)],
    ['failed', lost.filter((one) => !isAway(one)).map(({ name }) => name)],
  ];
}

/** What an interruption has left of several, a line each. */
export function interruptedLines(
  action: Action,
  entries: readonly Entry[],
  unasked: readonly Pick<LostHost, 'name'>[],
): readonly string[] {
  const done = DONE[action];
  const outcomes = entries.flatMap((entry) => {
    const words = entry.outcome?.interrupted?.outcome;
    if (words === undefined) return [];
    const name = labelOf(entry);
    return [printable(words.includes(`'${name}'`) ? words : `VM '${name}': ${words}`)];
  });
  const parts = [
    [done, named(entries, done, 'unchanged')],
    [`not ${done}`, named(entries, 'interrupted', 'failed')],
    ['not begun', notBegun(entries)],
    ['not asked', unasked.map(({ name }) => name)],
  ] as const;
  return [...outcomes, summary(parts)].filter((line) => line !== '');
}

/** `7 VMs on 3 hosts: 5 stopped, 1 unchanged, 1 failed` */
export function countedWords(entries: readonly Entry[]): string {
  const hosts = new Set(entries.flatMap(({ host }) => host ?? [])).size;
  const counts = new Map<string, number>();
  for (const { outcome } of entries) {
    const status = outcome?.status ?? 'not begun';
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  const parts = [...counts].map(([status, count]) => `${count} ${status}`);
  return `${plural(entries.length, 'VM')} on ${plural(hosts, 'host')}: ${parts.join(', ')}`;
}

/** `Stopping 3 VMs` */
export function doingWords(action: Action, left: readonly Entry[]): string {
  return `${DOING[action]} ${plural(left.length, 'VM')}`;
}

/** Of each that is under way, what is done now. */
export function rowsUnderWay(left: readonly Entry[]): readonly string[] {
  return left.flatMap((entry) =>
    entry.step === undefined ? [] : [`${labelOf(entry)}  ${entry.step}`.trimEnd()],
  );
}

function notBegun(entries: readonly Entry[]): readonly string[] {
  return entries.filter(({ outcome }) => outcome === undefined).map(labelOf);
}

function summary(parts: readonly (readonly [string, readonly string[]])[]): string {
  return parts
    .flatMap(([words, names]) => (names.length === 0 ? [] : [`${words}: ${names.map(printable).join(', ')}`]))
    .join('; ');
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
