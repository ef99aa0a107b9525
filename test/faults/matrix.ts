import type { TestHost } from '../integration/support.ts';
import type { Census } from '../lab/lab.ts';
import { plowWith, remove } from './faulty.ts';
import { tally } from './tally.ts';
import type { Counter } from './tally.ts';
import type { Variant } from './variants.ts';

/** One call of a workflow, before which the host is as `before` says (a destroy has its VM made after that). */
export interface Step {
  readonly host: TestHost;
  readonly at: number;
  readonly call: string;
  /** Configuration of the VM `web`. */
  readonly file: string;
  readonly before: Census;
}

/** What is wrong after a step: nothing, if all is well. */
export type Check = (step: Step) => Promise<readonly string[]>;

export interface Coverage {
  readonly workflow: 'create' | 'destroy';
  readonly counter: Counter;
  /** Which calls, if not all. */
  readonly only?: RegExp;
}

/**
 * Runs a check once for every call that a create or a destroy of the variant makes. After each the VM is removed, and
 * the host must be as it was.
 * @returns what was wrong, with the call it happened at
 */
export async function atEachCall(
  host: TestHost,
  { config, prepare, restore, calls }: Variant,
  { workflow, counter, only = /^/u }: Coverage,
  check: Check,
): Promise<readonly string[]> {
  await host.sh(`: ; ${prepare}`);
  const file = await host.write(config);
  const smooth = await callsOf(host, workflow, file);
  const problems: string[] = [];
  if (smooth.length < calls[workflow]) problems.push(`${smooth.length} calls in place of ${calls[workflow]}`);
  for (const [at, call] of smooth.entries()) {
    if (!only.test(call)) continue;
    const before = await host.census();
    if (workflow === 'destroy') await host.given(config);
    const found = await check({ host, at, call, file, before });
    await remove(host, 'web');
    const left = differences(before, await host.census());
    tally('leftovers found', left.length);
    problems.push(...[...found, ...left].map((problem) => `${call} (${at}): ${problem}`));
  }
  await host.sh(`: ; ${restore}`);
  tally(counter, smooth.filter((call) => only.test(call)).length);
  return problems;
}

/** The calls of a workflow in which nothing goes wrong. */
async function callsOf(
  host: TestHost,
  workflow: 'create' | 'destroy',
  file: string,
): Promise<readonly string[]> {
  const create = await plowWith(host, ['create', file]);
  // The guest does not hear the power button: the workflow would poll for as long as the machine is fast.
  await host.virsh('destroy web');
  const destroy = await plowWith(host, ['destroy', 'web']);
  for (const { code, stderr, references } of [create, destroy]) {
    if (code !== 0 || references !== 0)
      throw new Error(`exit code ${code}, ${references} references: ${stderr}`);
  }
  return (workflow === 'create' ? create : destroy).calls;
}

/** What has appeared on a host, gone away or changed: the one check of whether anything is left. */
export function differences(before: Census, after: Census): readonly string[] {
  const [old, current] = [before, after].map((census) => new Set(Object.values(census).flat()));
  return [
    ...[...(current ?? [])].filter((line) => old?.has(line) !== true).map((line) => `left: ${line}`),
    ...[...(old ?? [])].filter((line) => current?.has(line) !== true).map((line) => `lost: ${line}`),
  ];
}

/** A problem, unless it is as it should be. */
export function unless(well: boolean, problem: string): readonly string[] {
  return well ? [] : [problem];
}
