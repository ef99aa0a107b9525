import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { listedState, plowWith } from './faulty.ts';
import type { Traced } from './faulty.ts';
import { atEachCall, destroyTakesAll, STOPPING, unless } from './matrix.ts';
import type { Check, Sampled, Step } from './matrix.ts';
import { ALL_CASES } from './tally.ts';
import { CHANGES, Tried } from './tried.ts';
import { DEAF, EVERYTHING, IGNITED, OBEDIENT, VARIANTS } from './variants.ts';

const host = useHost();
const KILLED = 137;
const MOMENTS = [
  ['before it is sent', 'kill'],
  ['while it is under way', 'kill during'],
  ['when it has been answered', 'kill after'],
] as const;
type Moment = (typeof MOMENTS)[number][1];
const chosen = ALL_CASES ? VARIANTS : [EVERYTHING, IGNITED];

function countOf(calls: readonly string[], name: string): number {
  return calls.filter((call) => call === name).length;
}

/** Whether the last of the calls of a name was answered: for certain, or undefined where it was under way. */
function wasMade(
  { calls }: Traced,
  step: Step,
  { name, action }: { readonly name: string; readonly action: Moment },
): boolean | undefined {
  if (countOf(calls, name) < countOf(step.calls, name)) return false;
  if (calls.at(-1) !== name || action === 'kill after') return true;
  return action === 'kill' ? false : undefined;
}

/** The VM is there from its definition on, and complete with its very last change. */
function isLikely(state: string | undefined, killed: Traced, step: Step, action: Moment): boolean {
  const defined = wasMade(killed, step, { name: 'virDomainDefineXMLFlags', action });
  // The first of them claims the addresses.
  const completed = wasMade(killed, step, { name: 'virDomainSetMetadata', action });
  if (state === undefined) return defined !== true;
  return state === 'incomplete' ? defined !== false && completed !== true : completed !== false;
}

/** What a create of the same file says of what it finds. */
async function saysSo({ host: current, file }: Step, state: string | undefined): Promise<readonly string[]> {
  const { code, stderr } = await current.plow(['create', file]);
  if (state === undefined) return unless(code === 0, `again: ${stderr}`);
  const told = stderr.includes("VM 'web' already exists") && stderr.includes('plow destroy web removes it');
  const incomplete = stderr.includes('incomplete') === (state === 'incomplete');
  return unless(code === 2 && told && incomplete, `again: exit code ${code}: ${stderr}`);
}

/**
 * That the VM is incomplete until the very last change was made, and that plow destroy alone removes all of
 * it.
 */
function checkCreate(action: Moment): Check {
  return async (step) => {
    const { host: current, at, file } = step;
    const killed = await plowWith(current, ['create', file], { at, action });
    const state = await listedState(current, 'web');
    return [
      ...unless(killed.code === KILLED, `exit code ${killed.code}`),
      ...unless(isLikely(state, killed, step, action), `listed as ${state}`),
      // Another create clears up as it looks around, so what destroy does alone is seen at the other moments.
      ...(action === 'kill' ? await saysSo(step, state) : await destroyTakesAll(step, state !== undefined)),
    ];
  };
}

/** Before a call all is as it was after the one before. */
const BEFORE = ALL_CASES
  ? undefined
  : { calls: /^vir(?:StorageVolCreateXML|Domain(?:DefineXMLFlags|Create|SetMetadata))$/u, fewest: 4 };

describe.each(chosen)('create, of $title, killed at a call', (variant) => {
  it.each(MOMENTS)('%s leaves what list shows as incomplete and destroy removes', async (_, action) => {
    const only = action === 'kill' ? BEFORE : undefined;
    const covered = { workflow: 'create', counter: 'kill points', only, tried: new Tried(CHANGES) } as const;
    expect(await atEachCall(host(), variant, covered, checkCreate(action))).toEqual([]);
  });
});

function checkDestroy(action: Moment): Check {
  return async (step) => {
    const killed = await plowWith(step.host, ['destroy', 'web'], { at: step.at, action });
    return [...unless(killed.code === KILLED, `exit code ${killed.code}`), ...(await destroyTakesAll(step))];
  };
}

const DESTROYED: readonly Sampled[] = [
  ...chosen,
  { ...OBEDIENT, only: { calls: STOPPING, fewest: 3 } },
  { ...DEAF, only: { calls: /^virDomainDestroy$/u, fewest: 1 } },
];

const DESTROY_MOMENTS = ALL_CASES ? MOMENTS : MOMENTS.filter(([, action]) => action !== 'kill');

describe.each(DESTROYED)('destroy, of $title, killed at a call', ({ only, ...variant }) => {
  it.each(DESTROY_MOMENTS)('%s is finished by the next destroy', async (_, action) => {
    const covered = {
      workflow: 'destroy',
      counter: 'kill points',
      only,
      tried: new Tried(only === undefined ? CHANGES : undefined),
    } as const;
    expect(await atEachCall(host(), variant, covered, checkDestroy(action))).toEqual([]);
  });
});
