import type { TestHost } from '../integration/support.ts';
import { differences } from '../lab/lab.ts';
import type { Census } from '../lab/lab.ts';
import { listedState, plowWith, remove } from './faulty.ts';
import { takenAgain } from './revive.ts';
import { tally } from './tally.ts';
import type { Counter } from './tally.ts';
import type { Tried } from './tried.ts';
import { UNTIL_OBEDIENT } from './variants.ts';
import type { Variant } from './variants.ts';

/**
 * One call of a workflow, before which the host is as `before` says (a destroy has its VM made after that).
 */
export interface Step {
  readonly host: TestHost;
  readonly at: number;
  readonly call: string;
  /** All calls of the workflow when nothing goes wrong. */
  readonly calls: readonly string[];
  /** Configuration of the VM `web`. */
  readonly file: string;
  readonly before: Census;
}

/** What is wrong after a step: nothing, if all is well. */
export type Check = (step: Step) => Promise<readonly string[]>;

/**
 * Some of the calls, and how many different ones there are at least: with fewer, a matrix covers less than it
 * did.
 */
export interface Sample {
  readonly calls: RegExp;
  readonly fewest: number;
}

export interface Coverage {
  readonly workflow: 'create' | 'destroy';
  /** Of the steps in which all was well. */
  readonly counter: Counter;
  /** Which calls, if not all. */
  readonly only?: Sample | undefined;
  /** What other matrices of the same kind tried already: a run that does not take all cases leaves it out. */
  readonly tried?: Tried | undefined;
}

export type Sampled = Variant & { readonly only?: Sample | undefined };

/** The calls that stop a guest. */
export const STOPPING = /^vir(?:ConnectDomainEventRegisterAny|Domain(?:GetState|ShutdownFlags|Destroy))$/u;

/**
 * Runs a check once for every call that a create or a destroy of the variant makes. After each the VM is
 * removed, and the host must be as it was.
 * @returns what was wrong, with the call it happened at
 */
export async function atEachCall(
  host: TestHost,
  variant: Variant,
  { workflow, counter, only, tried }: Coverage,
  check: Check,
): Promise<readonly string[]> {
  await host.sh(`: ; ${variant.prepare}`);
  const file = await host.write(variant.config);
  const calls = await callsOf(host, workflow, variant);
  const all = [...calls.entries()].filter(([, call]) => only === undefined || only.calls.test(call));
  const fewest = only?.fewest ?? variant.calls[workflow];
  const names = new Set(all.map(([, call]) => call));
  const problems = [...unless(names.size >= fewest, `${names.size} different calls in place of ${fewest}`)];
  const chosen = tried?.newOf(all) ?? all;
  for (let before = await host.census(), next = 0; next < chosen.length; next += 1) {
    const [at = 0, call = ''] = chosen[next] ?? [];
    const found = await takenAgain(
      [host],
      () => startAnew(host, variant),
      () => take({ host, at, call, calls, file, before }, { workflow, variant, check }),
    );
    if (found.length === 0) tally(counter, 1);
    else await startAnew(host, variant);
    problems.push(...found.map((problem) => `${call} (${at}): ${problem}`));
    if (found.length > 0) before = await host.census();
  }
  await host.sh(`: ; ${variant.restore}`);
  return problems;
}

/** One step, and whether all is gone after it. */
async function take(
  step: Step,
  { workflow, variant, check }: { workflow: Coverage['workflow']; variant: Variant; check: Check },
): Promise<readonly string[]> {
  const { host } = step;
  try {
    if (variant.anew === true) await host.sh(`${variant.restore}; ${variant.prepare}`);
    if (workflow === 'destroy') await bring(host, variant);
    const found = await check(step);
    await remove(host, 'web');
    return found.length > 0 ? found : await leftovers(step);
  } catch (error) {
    return [String(error)];
  }
}

/** So that what one step left is not held against the next. */
async function startAnew(host: TestHost, { prepare, restore }: Variant): Promise<void> {
  await host.exec(['sh', '-c', restore]);
  await host.sweep();
  await host.sh(`: ; ${prepare}`);
}

/** A VM for a destroy to meet. */
async function bring(host: TestHost, { config, guest }: Variant): Promise<void> {
  await host.given(config);
  if (guest === 'off') await host.virsh('destroy web');
  if (guest === 'obedient') await host.sh(UNTIL_OBEDIENT);
}

/** The calls of a workflow in which nothing goes wrong, on a host that was prepared for the variant. */
async function callsOf(
  host: TestHost,
  workflow: 'create' | 'destroy',
  variant: Variant,
): Promise<readonly string[]> {
  if (workflow === 'destroy') await bring(host, variant);
  const argv = workflow === 'create' ? ['create', await host.write(variant.config)] : ['destroy', 'web'];
  const { code, stderr, references, calls } = await plowWith(host, argv);
  if (code !== 0 || references !== 0)
    throw new Error(`exit code ${code}, ${references} references: ${stderr}`);
  await remove(host, 'web');
  return calls;
}

/** What is there that was not, or is not there that was, before anything repairs it. */
export async function leftovers({ host, before }: Pick<Step, 'host' | 'before'>): Promise<readonly string[]> {
  const left = differences(before, await host.census());
  tally('leftovers found', left.length);
  return left;
}

/**
 * Of what a create or a destroy left half done: `plow destroy` alone takes all of it away, whether there is a
 * VM or not.
 * @param listed whether `plow list --all` shows it
 */
export async function destroyTakesAll(step: Step, listed?: boolean): Promise<readonly string[]> {
  const { host } = step;
  const exists = listed ?? (await listedState(host, 'web')) !== undefined;
  // Without waiting for a guest.
  await host.exec(['virsh', '--quiet', 'destroy', 'web']);
  const { code, stderr } = await host.plow(['destroy', 'web']);
  const well = exists ? code === 0 : code === 4 && stderr.includes("VM 'web' does not exist");
  return [...unless(well, `plow destroy ended with ${code}: ${stderr}`), ...(await leftovers(step))];
}

/** A problem, unless it is as it should be. */
export function unless(well: boolean, problem: string): readonly string[] {
  return well ? [] : [problem];
}
