import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { differences } from '../lab/lab.ts';
import { INJECTED, listedState, plowWith, remove, SECOND, tells } from './faulty.ts';
import type { Fault, Traced } from './faulty.ts';
import { atEachCall, destroyTakesAll, unless } from './matrix.ts';
import type { Step } from './matrix.ts';
import { ALL_CASES, tally } from './tally.ts';
import { EVERYTHING } from './variants.ts';

const host = useHost();

/** Calls of a create at which its rollback has most to do, and different things: all, or one of each kind. */
const FIRST = ALL_CASES
  ? undefined
  : { calls: /^vir(?:StreamSend|DomainCreate|DomainSetMetadata)$/u, fewest: 3 };

/**
 * What is left after a rollback that failed is named: the domain by its definition, a file by its name, the
 * directory and pools likewise.
 */
function unnamed({ stderr }: Traced, left: readonly string[]): readonly string[] {
  const note = /^note: left: (?<things>.*) \(plow destroy web removes what there is\)$/mu.exec(stderr);
  const things = note?.groups?.['things'] ?? '';
  const isNamed = (line: string): boolean =>
    line.startsWith('left: domains: ') || line.includes('/qemu/')
      ? /domain web|VM 'web'/u.test(things)
      : things.includes(line.replace(/^.*[ /]/u, '').replace(/\.xml$/u, ''));
  return left.filter((line) => !isNamed(line)).map((line) => `not named: ${line}; ${stderr}`);
}

/** A create that fails at a call, and its rollback at another one. */
async function failTwice(step: Step, second: number, call: string): Promise<readonly string[]> {
  const { host: current, file, before } = step;
  const faults: Fault[] = [
    { at: step.at, action: 'fail', error: INJECTED },
    { at: second, action: 'fail', error: SECOND },
  ];
  const failed = await plowWith(current, ['--verbose', 'create', file], ...faults);
  // Whatever is left must be named, and go with a destroy; the tally is of what is left after that.
  const left = differences(before, await current.census());
  const state = await listedState(current, 'web');
  const problems = [
    ...unless((failed.references ?? 0) === 0, `${failed.references} references`),
    ...unless(tells(failed, step.call, INJECTED), `not the one error: ${failed.stderr}`),
    ...unless(!failed.stderr.includes(SECOND.message), `the undo's error: ${failed.stderr}`),
    ...unless(
      left.every((line) => line.startsWith('left: ')),
      left.join('\n'),
    ),
    ...unless(state === (left.length === 0 ? undefined : 'incomplete'), `listed as ${state}`),
    ...unnamed(failed, left),
    ...(await destroyTakesAll(step)),
  ];
  await remove(current, 'web');
  if (problems.length === 0) tally('calls covered', 1);
  return problems.map((problem) => `then ${call} (${second}): ${problem}`);
}

/** As many as it takes, for each call of the rollback that follows. */
async function failAtEachUndo(step: Step): Promise<readonly string[]> {
  const { host: current, at, file } = step;
  const once = await plowWith(current, ['create', file], { at, action: 'fail', error: INJECTED });
  const undos = [...once.calls.entries()].slice(at + 1);
  // Of a claim of addresses the domain alone is to be taken back.
  const hasStorage = once.calls.slice(0, at).includes('virStorageVolCreateXML');
  const fewest = hasStorage ? 4 : 1;
  const problems = [...unless(undos.length >= fewest, `${undos.length} calls of its rollback`)];
  for (const [second, call] of undos) problems.push(...(await failTwice(step, second, call)));
  return problems;
}

describe('create', () => {
  it('that fails, and whose rollback fails, tells the first error and what is left, for destroy to remove', async () => {
    const covered = { workflow: 'create', counter: 'calls covered', only: FIRST } as const;
    expect(await atEachCall(host(), EVERYTHING, covered, failAtEachUndo)).toEqual([]);
  });
});
