import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { vm } from '../integration/vms.ts';
import { listedStates } from './faulty.ts';
import { leftovers, unless } from './matrix.ts';
import { ALL_CASES, tally } from './tally.ts';

const host = useHost();

/** Of four creates and four destroys each: 200 runs, or 16. */
const ROUNDS = ALL_CASES ? 25 : 2;
const NAMES = ['v1', 'v2', 'v3', 'v4'];
/**
 * Signals come after a random part of the time that a run takes when it is let be, so that most come in time.
 */
const LATEST = 0.8;
const CODES = { INT: 130, TERM: 143 } as const;

interface Outcome {
  readonly name: string;
  readonly signal: keyof typeof CODES;
  readonly code: number;
  /** Between its first word and its end. */
  readonly milliseconds: number;
  readonly stderr: string;
}

const OUTCOME =
  /^run (?<name>\w+) (?<signal>\w+) (?<code>\d+) (?<milliseconds>\d+)\n(?<stderr>[\s\S]*?)^end$/gmu;

/**
 * Four of plow's at a time, each of which gets a signal that many milliseconds after its first word: from
 * then on it has to answer.
 */
async function interrupt(
  argvOf: (name: string) => string,
  delayOf: (index: number) => number | undefined,
): Promise<readonly Outcome[]> {
  const jobs = NAMES.map((name, index) => {
    const signal = index % 2 === 0 ? 'INT' : 'TERM';
    const delay = delayOf(index);
    const kill = delay === undefined ? ':' : `sleep ${(delay / 1000).toFixed(3)}; kill -${signal} $!`;
    // The shell must not be told that the job was killed, so that it can be asked for its code.
    return `{ "$@" ${argvOf(name)} > /run/${name}.out 2> /run/${name}.err & until [ -s /run/${name}.out ] || ! kill -0 $! 2> /dev/null; do :; done
      begun=$(date +%s%3N); { ${kill}; } 2> /dev/null; wait $!; code=$?
      echo "run ${name} ${signal} $code $(($(date +%s%3N) - begun))" > /run/${name}.end; cat /run/${name}.err >> /run/${name}.end; echo end >> /run/${name}.end; } &`;
  });
  // Without job control a shell has its background processes ignore SIGINT.
  const { stdout } = await host().plowInShell(`set -m
    ${jobs.join('\n')}
    wait; cat /run/v?.end; rm /run/v?.*`);
  return [...stdout.matchAll(OUTCOME)].map(({ groups = {} }) => ({
    name: groups['name'] ?? '',
    signal: groups['signal'] === 'INT' ? 'INT' : 'TERM',
    code: Number(groups['code']),
    milliseconds: Number(groups['milliseconds']),
    stderr: groups['stderr'] ?? '',
  }));
}

/** Ends with the code of its signal and says so, or as if there had been none. */
function unwell({ name, signal, code, stderr }: Outcome): readonly string[] {
  if (code === 0) return [];
  const words = stderr.replaceAll(/^uploading .*\n/gmu, '');
  const said = new RegExp(`^\ninterrupted: .*\n(?:note: .*\n)*interrupted by SIG${signal}: .*\n$`, 'u').test(
    words,
  );
  return unless(code === CODES[signal] && said, `${name} got SIG${signal} and ended with ${code}: ${stderr}`);
}

describe('creates and destroys that are interrupted at random times', () => {
  it(`leave nothing, ${2 * NAMES.length * ROUNDS} of them`, async () => {
    for (const [index, name] of NAMES.entries()) {
      const interfaces = [{ ip: `10.77.0.${60 + index}/24`, gateway: '10.77.0.1', bridge: 'br0' }];
      await host().write(vm({ name, cloud_init: {}, network_interfaces: interfaces }), `${name}.yaml`);
    }
    const before = await host().census();
    const longest = await measure();
    const problems: string[] = [];
    let interrupted = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const found = await interruptAll(longest);
      interrupted += found.interrupted;
      const left = await leftovers({ host: host(), before });
      problems.push(...[...found.problems, ...left].map((problem) => `round ${round}: ${problem}`));
      if (found.problems.length + left.length > 0) await host().sweep();
    }
    expect(problems).toEqual([]);
    expect(interrupted).toBeGreaterThanOrEqual(NAMES.length * ROUNDS);
  });
});

const create = (name: string): string => `create ${host().files}/${name}.yaml`;
const destroy = (name: string): string => `destroy ${name}`;

interface Longest {
  readonly create: number;
  readonly destroy: number;
}

function median(outcomes: readonly Outcome[]): number {
  return outcomes.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b)[1] ?? 0;
}

/** How long a run takes, four at a time. */
async function measure(): Promise<Longest> {
  const creates = await interrupt(create, () => undefined);
  await forceOff();
  const destroys = await interrupt(destroy, () => undefined);
  return { create: median(creates), destroy: median(destroys) };
}

function forceOff(): Promise<unknown> {
  return host().exec([
    'bash',
    '--norc',
    '-c',
    `for vm in ${NAMES.join(' ')}; do virsh -q destroy $vm & done; wait`,
  ]);
}

/** Creates first, then destroys of four VMs, then destroys of what is left. */
async function interruptAll(
  longest: Longest,
): Promise<{ readonly problems: readonly string[]; readonly interrupted: number }> {
  const creates = await interrupt(create, () => Math.random() * LATEST * longest.create);
  const made = await listedStates(host());
  const half = creates.filter(({ name, code }) => made.get(name) !== (code === 0 ? 'running' : undefined));
  // The others are made now; what exists is complete, and refused.
  await host().plowInShell(
    `for vm in ${NAMES.join(' ')}; do "$@" create ${host().files}/$vm.yaml & done; wait`,
  );
  await forceOff();
  const destroys = await interrupt(destroy, () => Math.random() * LATEST * longest.destroy);
  const left = await listedStates(host());
  const wrong = destroys.filter(({ name, code }) => left.has(name) !== (code !== 0));
  const again = await Promise.all([...left.keys()].map((name) => host().plow(['destroy', name])));
  const all = [...creates, ...destroys];
  const interrupted = all.filter((outcome) => outcome.code !== 0 && unwell(outcome).length === 0).length;
  tally('interruptions', interrupted);
  return {
    interrupted,
    problems: [
      ...unless(all.length === 2 * NAMES.length, `${all.length} ended`),
      ...all.flatMap(unwell),
      ...half.map(({ name, code }) => `a create ended with ${code}, listed as ${made.get(name)}`),
      ...wrong.map(({ name, code }) => `a destroy ended with ${code}, listed as ${left.get(name)}`),
      ...again.filter(({ code }) => code !== 0).map(({ stderr }) => `again: ${stderr}`),
    ],
  };
}
