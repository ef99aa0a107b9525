import { describe, expect, it } from 'vitest';
import { PLOW, useHost } from '../integration/support.ts';
import { created, IMAGES, vm } from '../integration/vms.ts';
import { listedState, plowWith, remove } from './faulty.ts';
import { atEachCall, unless } from './matrix.ts';
import type { Check } from './matrix.ts';
import { tally } from './tally.ts';
import { VARIANTS } from './variants.ts';

const host = useHost();
const DESTROY = `${PLOW.join(' ')} destroy web`;

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

describe('creates at the same time', () => {
  it.each([1, 2, 3])('of one name: one of 16 wins and its VM is whole (round %i)', async () => {
    const file = await host().write(vm({ cloud_init: {}, data_disks: [{ device: 'vdb', size_gb: 1 }] }));
    const { stdout, stderr } = await host().plowInShell(
      `for i in {1..16}; do { "$@" create ${file}; echo "exit code $?"; } & done; wait`,
    );
    tally('races run', 1);
    expect([count(stdout, /^exit code 0$/gmu), count(stdout, /^exit code 2$/gmu)]).toEqual([1, 15]);
    expect(count(stderr, /^error: .*VM 'web' already exists/gmu)).toBe(15);
    expect(stderr.trimEnd().split('\n')).toHaveLength(15);
    expect(await listedState(host(), 'web')).toBe('running');
    expect(await host().sh(`ls ${IMAGES}/web; virsh pool-list --all --name`)).toBe(
      'boot.qcow2\ncloudinit.iso\ndata-vdb.qcow2',
    );
    await host().discard('web');
  });

  it('of 32 names: all succeed, and nothing is said of jobs on pools', async () => {
    const names = Array.from({ length: 32 }, (_, index) => `vm${index}`);
    for (const [index, name] of names.entries()) {
      const interfaces = [{ ip: `10.77.0.${60 + index}/24`, gateway: '10.77.0.1', bridge: 'br0' }];
      const format = index % 4 === 0 ? 'raw' : 'qcow2';
      const boot = { image: `${IMAGES}/tiny.qcow2`, size_gb: 1, format };
      await host().write(
        vm({ name, boot_disk: boot, network_interfaces: interfaces, cloud_init: {} }),
        `${name}.yaml`,
      );
    }
    const each = (command: string): string =>
      `for vm in ${names.join(' ')}; do { ${command}; } > /run/$vm.out & done; wait; cd /run; cat ${names.join('.out ')}.out; rm *.out`;
    const made = await host().plowInShell(each(`"$@" create ${host().files}/$vm.yaml`));
    tally('races run', 1);
    expect({ ...made, stderr: made.stderr.replaceAll(/^uploading .*\n/gmu, '') }).toEqual({
      code: 0,
      stdout: names.map((name) => created(name, { seed: true })).join(''),
      stderr: '',
    });
    const gone = await host().plowInShell(each('virsh -q destroy $vm; "$@" destroy $vm'));
    expect(gone).toMatchObject({ code: 0, stderr: '' });
  });
});

/** A whole destroy happens as the create makes a call: it is told, and leaves neither the VM nor parts of it. */
const destroyMeanwhile: Check = async ({ host: current, at, file }) => {
  const create = await plowWith(current, ['create', file], { at, action: 'run', command: DESTROY });
  tally('races run', 1);
  const state = await listedState(current, 'web');
  const destroyed = create.ran?.status === 0;
  return [
    ...unless(
      destroyed || create.ran?.stderr.includes("VM 'web' does not exist") === true,
      `${create.ran?.stderr}`,
    ),
    // The destroy may come before the VM exists, or when all that was left to do is stop a pool.
    ...unless(!destroyed || state === undefined, `listed as ${state}`),
    ...unless(destroyed || create.code === 0, `exit code ${create.code}: ${create.stderr}`),
    ...unless(![1, 3, 70].includes(create.code), `exit code ${create.code}: ${create.stderr}`),
  ];
};

/** A second destroy does all of it as the first makes a call. */
const destroyTwice: Check = async ({ host: current, at }) => {
  await current.virsh('destroy web');
  const first = await plowWith(current, ['destroy', 'web'], { at, action: 'run', command: DESTROY });
  tally('races run', 1);
  const told = /^error: VM 'web' (?:was removed by somebody else meanwhile|does not exist)$/mu.test(
    first.stderr,
  );
  return [
    ...unless(first.ran?.status === 0 || first.ran?.status === 4, `${first.ran?.stderr}`),
    ...unless(first.code === 0 || (first.code === 4 && told), `exit code ${first.code}: ${first.stderr}`),
    ...unless((await listedState(current, 'web')) === undefined, 'still listed'),
  ];
};

/** The guest is gone by itself as destroy makes a call. */
const stopsByItself: Check = async ({ host: current, at }) => {
  const command = 'virsh --quiet destroy web || true';
  const { code, stderr } = await plowWith(current, ['destroy', 'web'], { at, action: 'run', command });
  tally('races run', 1);
  return unless(code === 0 && !stderr.includes('error'), `exit code ${code}: ${stderr}`);
};

const [, everything, raw] = VARIANTS;
const whole = everything === undefined ? [] : [everything];

describe.each(whole)('while others work, $title:', (variant) => {
  it('a create whose VM is destroyed at any call', async () => {
    const covered = { workflow: 'create', counter: 'calls covered' } as const;
    expect(await atEachCall(host(), variant, covered, destroyMeanwhile)).toEqual([]);
  });

  it('a destroy that another overtakes at any call', async () => {
    const covered = { workflow: 'destroy', counter: 'calls covered' } as const;
    expect(await atEachCall(host(), variant, covered, destroyTwice)).toEqual([]);
  });

  it('a destroy of a guest that stops by itself at any call', async () => {
    const covered = { workflow: 'destroy', counter: 'calls covered' } as const;
    expect(await atEachCall(host(), variant, covered, stopsByItself)).toEqual([]);
  });
});

const IMAGE = `${IMAGES}/tiny.qcow2`;
const BACK = `cp -p ${IMAGES}/kept ${IMAGE}`;
const CHANGES = [
  ['removed', `rm -f ${IMAGE}`],
  ['replaced by an empty file', `rm -f ${IMAGE}; touch ${IMAGE}`],
  ['replaced by another image', `rm -f ${IMAGE}; qemu-img create -q -f qcow2 ${IMAGE} 2G`],
] as const;

describe.each(raw === undefined ? [] : [...whole, raw])('a base image, of $title,', (variant) => {
  it.each(CHANGES)('%s as create makes a call costs nothing but that VM', async (_, command) => {
    await host().sh(`cp -p ${IMAGE} ${IMAGES}/kept`);
    const covered = { workflow: 'create', counter: 'calls covered' } as const;
    const problems = await atEachCall(host(), variant, covered, async ({ host: current, at, file }) => {
      const { code, stderr } = await plowWith(current, ['create', file], { at, action: 'run', command });
      tally('races run', 1);
      await current.sh(`rm -f ${IMAGE}; ${BACK}`);
      const state = await listedState(current, 'web');
      await remove(current, 'web');
      return [
        ...unless([0, 2, 4, 5].includes(code), `exit code ${code}: ${stderr}`),
        ...unless(
          state === (code === 0 ? 'running' : undefined),
          `exit code ${code}, listed as ${state}: ${stderr}`,
        ),
      ];
    });
    await host().sh(`rm ${IMAGES}/kept`);
    expect(problems).toEqual([]);
  });
});
