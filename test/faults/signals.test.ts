import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { vm } from '../integration/vms.ts';
import { listedState, plowWith, remove } from './faulty.ts';
import { atEachCall, differences, unless } from './matrix.ts';
import type { Check } from './matrix.ts';
import { tally } from './tally.ts';
import { VARIANTS } from './variants.ts';

const host = useHost();
type Signal = readonly ['SIGINT' | 'SIGTERM', number];
const SIGNALS: readonly Signal[] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
];

const INTERRUPTED = /\ninterrupted: .*\n(?:note: .*\n)*interrupted by SIG\w+\n$/u;

/** Until plow is connected a signal ends it at once; there is nothing to say then. */
function well(at: number, code: number, { code: ended, stderr }: { code: number; stderr: string }): boolean {
  return ended === code && (at === 0 ? stderr === '' : INTERRUPTED.test(stderr));
}

function checkCreate([signal, code]: Signal): Check {
  return async ({ host: current, at, file, before, call }) => {
    const result = await plowWith(current, ['create', file], { at, action: 'signal', signal });
    if (result.code === 0) {
      const state = await listedState(current, 'web');
      const late = /^vir(?:DomainSetMetadata|StoragePoolDestroy)$/u.test(call);
      return [...unless(late, 'nobody noticed'), ...unless(state === 'running', `listed as ${state}`)];
    }
    return [
      ...unless(well(at, code, result), `exit code ${result.code}: ${result.stderr}`),
      ...differences(before, await current.census()),
    ];
  };
}

function checkDestroy([signal, code]: Signal): Check {
  return async ({ host: current, at, call }) => {
    // One of the two waits for the guest, which takes its time.
    if (signal === 'SIGTERM') await current.virsh('destroy web');
    const result = await plowWith(current, ['destroy', 'web'], { at, action: 'signal', signal });
    const gone = (await listedState(current, 'web')) === undefined;
    if (gone)
      return unless(result.code === 0 || call === 'virDomainUndefineFlags', `exit code ${result.code}`);
    return unless(well(at, code, result), `exit code ${result.code}: ${result.stderr}`);
  };
}

const [, everything] = VARIANTS;
describe.each(everything === undefined ? [] : [everything])('$title', (variant) => {
  it.each(SIGNALS)('a create that gets %s at any call takes everything back', async (...signal) => {
    const covered = { workflow: 'create', counter: 'interruptions' } as const;
    expect(await atEachCall(host(), variant, covered, checkCreate(signal))).toEqual([]);
  });

  it.each(SIGNALS)('a destroy that gets %s at any call can be run again', async (...signal) => {
    const covered = { workflow: 'destroy', counter: 'interruptions' } as const;
    expect(await atEachCall(host(), variant, covered, checkDestroy(signal))).toEqual([]);
  });
});

const ROUNDS = 50;
const AT_ONCE = ['v1', 'v2', 'v3', 'v4'];
/** Of 200: fewer mean that most were done before their signal came, or had not begun. */
const FEWEST_INTERRUPTED = 40;
const LONGEST_MS = 1500;

/** Four creates at a time, each interrupted after a random time. @returns what is wrong */
async function interruptAtRandom(
  round: number,
): Promise<{ readonly problems: readonly string[]; readonly interrupted: number }> {
  const before = await host().census();
  const jobs = AT_ONCE.map((name, index) => {
    const seconds = ((Math.random() * LONGEST_MS) / 1000).toFixed(3);
    const signal = (round + index) % 2 === 0 ? 'INT' : 'TERM';
    return `{ "$@" create ${host().files}/${name}.yaml & sleep ${seconds}; kill -${signal} $!; wait $!; echo "${name} ended with $? after ${seconds}"; } &`;
  });
  // Without job control a shell has its background processes ignore SIGINT.
  const { stdout } = await host().plowInShell(`set -m; ${jobs.join(' ')} wait`);
  const ended = [...stdout.matchAll(/^\w+ ended with (?<code>\d+) after \S+$/gmu)];
  const odd = ended
    .filter(({ groups }) => !['0', '130', '143'].includes(groups?.['code'] ?? ''))
    .map(([line]) => line);
  for (const name of AT_ONCE) {
    const state = await listedState(host(), name);
    odd.push(...unless(state === undefined || state === 'running', `${name} is ${state}`));
    await remove(host(), name);
  }
  const left = differences(before, await host().census());
  tally('leftovers found', left.length);
  tally('interruptions', ended.length);
  const interrupted = ended.filter(({ groups }) => groups?.['code'] !== '0').length;
  return { problems: [...odd, ...left, ...unless(ended.length === 4, stdout)], interrupted };
}

describe('creates interrupted at random times', () => {
  it(`leave nothing, ${ROUNDS * AT_ONCE.length} of them`, async () => {
    for (const [index, name] of AT_ONCE.entries()) {
      const interfaces = [{ ip: `10.77.0.${60 + index}/24`, gateway: '10.77.0.1', bridge: 'br0' }];
      await host().write(vm({ name, cloud_init: {}, network_interfaces: interfaces }), `${name}.yaml`);
    }
    const problems: string[] = [];
    let interrupted = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const outcome = await interruptAtRandom(round);
      problems.push(...outcome.problems);
      interrupted += outcome.interrupted;
    }
    expect(problems).toEqual([]);
    expect(interrupted).toBeGreaterThanOrEqual(FEWEST_INTERRUPTED);
  });
});
