import { expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { IMAGES, vm } from '../integration/vms.ts';
import { differences } from '../lab/lab.ts';
import { INJECTED, listedState, plowWith } from './faulty.ts';
import type { Fault } from './faulty.ts';
import { unless } from './matrix.ts';
import { ALL_CASES, tally } from './tally.ts';

const host = useHost();

const KILLED = 137;
const DATA = `${IMAGES}/web/data-vdb.qcow2`;
const CONFIG = vm({ data_disks: [{ device: 'vdb', size_gb: 1 }], cloud_init: {} });
const KEEP = ['destroy', '--keep-data', '--force', 'web'];

type Action = 'fail' | 'kill' | 'kill after';

/** By these the data could go. */
const DECISIVE = [
  'virDomainDefineXMLFlags',
  'virDomainCreate',
  'virDomainSetMetadata',
  'virStorageVolDelete',
  'virDomainUndefineFlags',
];

function stepsOf(calls: readonly string[]): readonly (readonly [number, Action])[] {
  const all = [...calls.keys()];
  const actions = ['fail', 'kill', 'kill after'] as const;
  if (ALL_CASES) return all.flatMap((index) => actions.map((action) => [index, action] as const));
  const found = DECISIVE.map((call) => calls.indexOf(call)).filter((index) => index >= 0);
  if (found.length < 2) throw new Error(`the data could go by none of: ${calls.join(' ')}`);
  return found.flatMap((index) => [[index, 'fail'] as const, [index, 'kill after'] as const]);
}

/** What is wrong after one step: its data must be there whatever came of it. */
async function take(
  argv: readonly string[],
  at: number,
  action: Action,
  file: string,
): Promise<readonly string[]> {
  const fault: Fault = action === 'fail' ? { at, action, error: INJECTED } : { at, action };
  const { code, stderr } = await plowWith(host(), argv, fault);
  const state = await listedState(host(), 'web');
  // A pool that is lent is taken away by the next who needs it.
  if (state === undefined && action !== 'fail') await host().plow(['create', '--adopt-data', file]);
  // What was there before a VM that is incomplete is not its own yet.
  if (state === 'incomplete') await host().plow(['destroy', '--force', 'web']);
  await host().plow([...KEEP, '--if-exists']);
  const data = await host().sh(`qemu-io -r -c 'read -P 0xd7 0 512' ${DATA}`);
  const left = await host().sh(
    `echo $(ls ${IMAGES}/web) $(virsh -q list --all --name; virsh -q pool-list --all --name)`,
  );
  return [
    ...unless(action === 'fail' ? code !== 137 : code === KILLED, `exit code ${code}: ${stderr}`),
    ...unless(!data.includes('failed'), `data: ${data}`),
    ...unless(left === 'data-vdb.qcow2', `left: ${left}`),
  ];
}

/** Tries a command at each step. @param bring makes what the command finds @returns what was wrong */
async function atEachStep(
  argv: readonly string[],
  file: string,
  bring: () => Promise<unknown>,
): Promise<readonly string[]> {
  await host().given(CONFIG);
  await host().sh(`virsh -q destroy web; qemu-io -c 'write -P 0xd7 0 512' ${DATA}`);
  await host().plow(KEEP);
  await bring();
  const usual = await plowWith(host(), argv);
  if (usual.code !== 0 || usual.references !== 0) throw new Error(`${usual.references}: ${usual.stderr}`);
  await host().plow(KEEP);
  const problems: string[] = [];
  for (const [at, action] of stepsOf(usual.calls)) {
    await bring();
    const found = await take(argv, at, action, file);
    if (found.length === 0) tally(action === 'fail' ? 'calls covered' : 'kill points', 1);
    problems.push(...found.map((problem) => `${usual.calls[at]} (${at}), ${action}: ${problem}`));
  }
  await host().sh(`rm -r ${IMAGES}/web`);
  return problems;
}

it('data that is kept is not lost where any one call fails, or killed at any', async () => {
  const before = await host().census();
  const file = await host().write(CONFIG);
  const adopt = ['create', '--adopt-data', file];
  expect(await atEachStep(KEEP, file, () => host().plow(adopt))).toEqual([]);
  expect(await atEachStep(adopt, file, async () => {})).toEqual([]);
  expect(differences(before, await host().census())).toEqual([]);
});
