import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { IMAGES, vm } from '../integration/vms.ts';
import { differences } from '../lab/lab.ts';
import { INJECTED, plowWith } from './faulty.ts';
import { unless } from './matrix.ts';
import { ALL_CASES, tally } from './tally.ts';

const host = useHost();

const GC = ['gc', '--delete', '--yes', '--older-than', '0'];
const KILLED = 137;
const IN_PART = 5;
/** By these it changes something. */
const CHANGES = [
  'virStoragePoolCreateXML',
  'virStoragePoolDefineXML',
  'virStorageVolDelete',
  'virStoragePoolDelete',
  'virStoragePoolUndefine',
] as const;

const kept = (): string => join(host().files, 'abandoned');

/** What a VM has left that was undefined by other means, and what is none of gc's business. */
async function abandon(): Promise<void> {
  await host().sh(`rm -rf ${IMAGES}/web; cp -a ${kept()} ${IMAGES}/web`);
}

function stepsOf(calls: readonly string[]): readonly (readonly [number, 'fail' | 'kill' | 'kill after'])[] {
  const all = ['fail', 'kill', 'kill after'] as const;
  if (ALL_CASES) return [...calls.keys()].flatMap((index) => all.map((action) => [index, action] as const));
  return CHANGES.flatMap((call) => [
    [calls.indexOf(call), 'fail'] as const,
    [calls.lastIndexOf(call), 'kill after'] as const,
  ]);
}

it('with any one call that fails, or killed at any, is finished by the same command', async () => {
  const before = await host().census();
  const disks = { data_disks: [{ device: 'vdb', size_gb: 1 }] };
  await host().given(vm({ ...disks, cloud_init: {} }));
  await host().sh(`virsh -q destroy web; virsh -q undefine web; : > ${IMAGES}/web/mine.txt
    cp -a ${IMAGES}/web ${kept()}`);
  const usual = await plowWith(host(), GC);
  // A file of somebody's own stays, and the directory with it.
  expect(usual).toMatchObject({ code: IN_PART, references: 0 });
  const problems: string[] = [];
  for (const [index, action] of stepsOf(usual.calls)) {
    await abandon();
    const fault = action === 'fail' ? { at: index, action, error: INJECTED } : { at: index, action };
    const { code, stderr } = await plowWith(host(), GC, fault);
    const again = await host().plow(GC);
    const left = await host().sh(`echo $(ls ${IMAGES}/web) $(virsh -q pool-list --all --name)`);
    const found = [
      ...unless(action === 'fail' ? code !== 1 : code === KILLED, `exit code ${code}: ${stderr}`),
      ...unless([0, IN_PART].includes(again.code), `again: ${again.code}: ${again.stderr}`),
      ...unless(left === 'mine.txt', `left: ${left}`),
    ];
    if (found.length === 0) tally(action === 'fail' ? 'calls covered' : 'kill points', 1);
    problems.push(...found.map((problem) => `${usual.calls[index]} (${index}), ${action}: ${problem}`));
  }
  expect(problems).toEqual([]);
  await host().sh(`rm -r ${IMAGES}/web ${kept()}`);
  expect(differences(before, await host().census())).toEqual([]);
});
