import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { listedState, plowWith } from './faulty.ts';
import { atEachCall, unless } from './matrix.ts';
import type { Check } from './matrix.ts';
import { ALL_CASES } from './tally.ts';
import { VARIANTS } from './variants.ts';

const host = useHost();
const KILLED = 137;
const MOMENTS = [
  ['before it is sent', 'kill'],
  ['while it is under way', 'kill during'],
  ['when it has been answered', 'kill after'],
] as const;
const chosen = VARIANTS.filter(({ title }) => ALL_CASES || title === 'everything');

/** What plow says of a create that died, and that the VM is incomplete until the very last change was made. */
function checkCreate(action: (typeof MOMENTS)[number][1]): Check {
  return async ({ host: current, at, call, file }) => {
    const killed = await plowWith(current, ['create', file], { at, action });
    const state = await listedState(current, 'web');
    const again = await current.plow(['create', file]);
    const problems = [...unless(killed.code === KILLED, `exit code ${killed.code}`)];
    if (state === undefined) return [...problems, ...unless(again.code === 0, `again: ${again.stderr}`)];
    // Killed with the last change under way, it may have been made; the pool is stopped after it.
    const wasLast =
      call === 'virDomainSetMetadata' || at === killed.calls.lastIndexOf('virStoragePoolDestroy');
    const incomplete = state === 'incomplete';
    const told =
      again.stderr.includes("VM 'web' already exists") &&
      again.stderr.includes('plow destroy web removes it');
    return [
      ...problems,
      ...unless(
        incomplete || (wasLast && action !== 'kill') || call === 'virStoragePoolDestroy',
        `listed as ${state}`,
      ),
      ...unless(again.code === 2 && told && again.stderr.includes('incomplete') === incomplete, again.stderr),
    ];
  };
}

describe.each(chosen)('create, of $title, killed at a call', (variant) => {
  it.each(MOMENTS)('%s leaves what list shows as incomplete and destroy removes', async (_, action) => {
    const covered = { workflow: 'create', counter: 'kill points' } as const;
    expect(await atEachCall(host(), variant, covered, checkCreate(action))).toEqual([]);
  });
});

function checkDestroy(action: (typeof MOMENTS)[number][1]): Check {
  return async ({ host: current, at, file }) => {
    await current.virsh('destroy web');
    const killed = await plowWith(current, ['destroy', 'web'], { at, action });
    const problems = [...unless(killed.code === KILLED, `exit code ${killed.code}`)];
    if ((await listedState(current, 'web')) !== undefined) {
      const second = await current.plow(['destroy', 'web']);
      problems.push(...unless(second.code === 0, `again: ${second.stderr}`));
    }
    const create = await current.plow(['create', file]);
    return [...problems, ...unless(create.code === 0, `create after it: ${create.stderr}`)];
  };
}

describe.each(chosen)('destroy, of $title, killed at a call', (variant) => {
  it.each(MOMENTS)('%s is finished by the next destroy', async (_, action) => {
    const covered = { workflow: 'destroy', counter: 'kill points' } as const;
    expect(await atEachCall(host(), variant, covered, checkDestroy(action))).toEqual([]);
  });
});
