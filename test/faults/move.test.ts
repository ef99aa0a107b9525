import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useTwoHosts } from '../integration/move/two-hosts.ts';
import type { TwoHosts } from '../integration/move/two-hosts.ts';
import { IMAGES } from '../integration/vms.ts';
import { differences } from '../lab/lab.ts';
import type { Census } from '../lab/lab.ts';
import { INJECTED, plowWith, remove } from './faulty.ts';
import type { Fault } from './faulty.ts';
import { unless } from './matrix.ts';
import { takenAgain } from './revive.ts';
import { ALL_CASES, tally } from './tally.ts';
import { CHANGES, Tried } from './tried.ts';
import { OBEDIENT, UNTIL_OBEDIENT } from './variants.ts';

const hosts = useTwoHosts();
const MOVE = ['move', 'web', '--to', 'h2', '--cold', '--timeout', '20s'];
const SEED = { cloud_init: { root_password_hash: `$6$saltsalt$${'x'.repeat(86)}` } };

/** A VM on h1 that is to move to h2. */
interface Moved {
  readonly title: string;
  readonly config: object;
  /** Shell commands, once it is made. */
  readonly after: string;
  readonly state: 'running' | 'shut off';
  /** Shell commands that print what it has, wherever it is. */
  readonly shows: string;
}

const CASES: readonly Moved[] = [
  {
    title: 'that runs, with a base image that h2 has not',
    config: { ...OBEDIENT.config, ...SEED, autostart: true },
    after: UNTIL_OBEDIENT,
    state: 'running',
    shows: `sha256sum ${IMAGES}/web/cloudinit.iso; qemu-img info -U ${IMAGES}/web/boot.qcow2 | grep backing`,
  },
  {
    title: 'that is off, with UEFI variables and a data disk',
    config: { ...OBEDIENT.config, ...SEED, firmware: 'uefi', data_disks: [{ device: 'vdb', size_gb: 1 }] },
    after: 'virsh -q destroy web',
    state: 'shut off',
    shows: `sha256sum ${IMAGES}/web/*.iso ${IMAGES}/web/*.qcow2 /var/lib/libvirt/qemu/nvram/web_VARS.fd`,
  },
];

const KINDS = ['fail', 'kill', 'kill during', 'kill after'] as const;
type Kind = (typeof KINDS)[number];

/** The state of both hosts without the VM. */
let empty: readonly [Census, Census];

beforeEach(async () => {
  const { h1, h2 } = hosts();
  await h1.sh(`: ; ${OBEDIENT.prepare}`);
  empty = [await h1.census(), await h2.census()];
});
afterEach(async () => {
  const { h1, h2 } = hosts();
  await h1.sh(OBEDIENT.restore);
  await h2.sh(`rm -f ${IMAGES}/obedient.raw`);
});

/** What there is to see of the VM where it is: but for its state all that a move must not change. */
async function look({ shows }: Moved, host: 'h1' | 'h2'): Promise<string> {
  return hosts()[host].sh(`{ virsh -q 'dominfo web; dumpxml --inactive --security-info web'; ${shows}; } |
    sed -E '/^(Id|CPU time|Security label|Messages|State):/d'`);
}

async function bring({ config, after, state }: Moved): Promise<void> {
  const { h1, h2 } = hosts();
  if ((await hosts().whereIs('web')) === `h1 ${state}`) return;
  await Promise.all([remove(h1, 'web'), remove(h2, 'web')]);
  await h2.sh(`rm -f ${IMAGES}/obedient.raw`);
  await h1.given(config);
  await h1.sh(after);
}

/** That the VM is whole at one place, as it was, and that nothing of it is at the other. */
async function wholeAt(one: Moved, host: 'h1' | 'h2', usual: string): Promise<readonly string[]> {
  const [here, there] = host === 'h1' ? (['h1', 'h2'] as const) : (['h2', 'h1'] as const);
  const where = await hosts().whereIs('web');
  if (where !== `${here} ${one.state}`) return [`not as it was on ${here}: ${where}`];
  const now = await look(one, here);
  const before = empty[there === 'h1' ? 0 : 1];
  const left = differences(before, await hosts()[there].census());
  return [
    ...unless(now === usual, `not as it was: ${now}`),
    ...left.filter((line) => host === 'h1' || !line.includes('obedient')),
  ];
}

/** Hosts on which nothing is of what went before. */
async function anew(): Promise<void> {
  await Promise.all([hosts().h1.sweep(), hosts().h2.sweep()]);
  await hosts().h1.sh(`: ; ${OBEDIENT.prepare}`);
}

/** The same command ends it. */
async function goesOn(one: Moved, usual: string): Promise<readonly string[]> {
  const { code, stderr } = await hosts().plow(...MOVE);
  const isThere = code === 4 && stderr.includes("VM 'web' does not exist");
  return [
    ...unless(code === 0 || isThere, `again: ended with ${code}: ${stderr}`),
    // What is lent on the way is stopped by the next one that needs the directory.
    ...(await wholeAt(one, 'h2', usual)).filter((line) => !isThere || !line.includes('plow-lent-')),
  ];
}

/** It goes back, unless it has been there; then it goes on. */
async function goesBack(one: Moved, usual: string): Promise<readonly string[]> {
  const { code, stderr } = await hosts().plow('move', '--abort', 'web');
  if (code === 0) return wholeAt(one, 'h1', usual);
  if (stderr.includes('is not on its way')) return wholeAt(one, 'h1', usual);
  const isThere = /does not exist|may have run there/u.test(stderr);
  return isThere ? goesOn(one, usual) : [`back: ended with ${code}: ${stderr}`];
}

async function step(one: Moved, fault: Fault, isBack: boolean): Promise<readonly string[]> {
  await bring(one);
  const usual = await look(one, 'h1');
  const { code, stderr, references } = await plowWith(
    hosts().outside,
    ['--config', hosts().config, ...MOVE],
    fault,
  );
  const where = await hosts().whereIs('web');
  const problems = [
    ...unless(!/running.*running/u.test(where), `runs twice: ${where}`),
    ...unless(where !== '', 'is nowhere'),
    ...unless((references ?? 0) === 0, `${references} references`),
    ...(fault.action === 'fail'
      ? unless(code !== 0 || where.startsWith('h2'), `ended with 0, and is not there: ${stderr}`)
      : unless(code === 137, `exit code ${code}`)),
    ...unless(!stderr.includes('this is a bug'), stderr),
  ];
  return [...problems, ...(await (isBack ? goesBack : goesOn)(one, usual))];
}

/** At which calls what befalls it, and whether it is to go back then. */
function steps(calls: readonly string[], tried: Tried): readonly (readonly [number, Kind, boolean])[] {
  const all = [...calls.entries()];
  if (ALL_CASES)
    return all.flatMap(([at]) =>
      KINDS.flatMap((kind) => [true, false].map((isBack) => [at, kind, isBack] as const)),
    );
  return tried
    .newOf(all.map(([at, name]) => [at, name] as const))
    .map(([at], index) => [at, index % 2 === 0 ? 'fail' : 'kill after', index % 4 < 2] as const);
}

const tried = new Tried(CHANGES);

/** One that runs takes long: nightly. */
describe.each(ALL_CASES ? CASES : CASES.slice(1))('a VM $title', (one) => {
  it('is whole at one place after a call of its move failed, or plow was killed there, and goes on or back', async () => {
    await bring(one);
    const usual = await look(one, 'h1');
    const { code, stderr, calls } = await undisturbed(hosts());
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^note: /u) as unknown });
    expect(await wholeAt(one, 'h2', usual)).toEqual([]);
    const problems: string[] = [];
    for (const [at, action, isBack] of steps(calls, tried)) {
      const fault: Fault = action === 'fail' ? { at, action, error: INJECTED } : { at, action };
      const found = await takenAgain([hosts().h1, hosts().h2], anew, () =>
        step(one, fault, isBack).catch((error: unknown) => [String(error)]),
      );
      if (found.length === 0) tally(action === 'fail' ? 'calls covered' : 'kill points', 1);
      problems.push(
        ...found.map((problem) => `${calls[at]} (${at}), ${action}, ${isBack ? 'back' : 'on'}: ${problem}`),
      );
      if (found.length > 0) await anew();
    }
    await Promise.all([remove(hosts().h1, 'web'), remove(hosts().h2, 'web')]);
    expect(problems).toEqual([]);
  });
});

function undisturbed({ outside, config }: TwoHosts): ReturnType<typeof plowWith> {
  return plowWith(outside, ['--config', config, ...MOVE]);
}
