import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import { parseIfPossible } from '../../../../src/libvirt-xml/read/parse.ts';
import { metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';
import { createVm } from '../../../../src/vm/create/create.ts';
import type { DomainState } from '../../../../src/hypervisor/domain-facts.ts';
import { SECRET, bootDisk, fullMachine, loaded, minimalMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { describeError, disconnect, eachCall, failOnce, thrownBy } from '../each-call.ts';
import type { Workflow } from '../each-call.ts';

const GIB = 2 ** 30;

/** A host with a base image in /images and bridges br0 to br9. */
function host(): TestContext {
  const context = testContext();
  context.hypervisor.addDirectory('/images', 'base.qcow2', 'base.raw', 'other.img', 'notes.txt');
  return context;
}

/** @returns the error, if there is one */
async function create(machine: Machine, context: TestContext): Promise<unknown> {
  return thrownBy(createVm(loaded(machine), context));
}

function stateOf({ hypervisor }: TestContext): DomainState | undefined {
  return hypervisor.domains.get('my-vm')?.state;
}

const RAW = minimalMachine({
  bootDisk: bootDisk({ sizeGib: 10, image: '/images/base.qcow2', format: 'raw' }),
});

describe('creating a VM', () => {
  it('makes its directory, disks and seed, starts it and leaves no pool', async () => {
    const context = host();
    expect(await create(fullMachine(), context)).toBeUndefined();
    const { directories, domains, pools } = context.hypervisor;
    expect(Object.fromEntries(directories.get('/images/my-vm') ?? [])).toStrictEqual({
      'boot.qcow2': `qcow2 ${50 * GIB}`,
      'data-vdb.qcow2': `qcow2 ${100 * GIB}`,
      'data-vdc.qcow2': `qcow2 ${200 * GIB}`,
      'cloudinit.iso': expect.stringMatching(/^raw \d+$/u),
      'console.log': 'raw 0',
    });
    expect(pools.size).toBe(0);
    expect(domains.get('my-vm')).toMatchObject({ state: 'running', autostart: true });
    expect(context.progress.lines).toStrictEqual([
      "title: Creating VM 'my-vm'...",
      'done: Configuration validated',
      'done: Storage created (50 GB boot + 300 GB data)',
      'done: Cloud-init ISO generated',
      'done: Domain defined',
      'done: VM started',
      "success: Successfully created VM 'my-vm'",
    ]);
  });

  it('marks the domain ready, with all that destroy and list need and without the secret', async () => {
    const context = host();
    await create(fullMachine(), context);
    const { xml = '' } = context.hypervisor.domains.get('my-vm') ?? {};
    expect(metadataInDomain(parseIfPossible(xml))).toMatchObject({
      status: 'ready',
      version: '0.1.0',
      created: '2025-01-02T03:04:05.000Z',
      directory: '/images/my-vm',
      declared: { name: 'my-vm', interfaces: [{ address: '10.20.30.40' }, { address: '192.168.1.50' }] },
    });
    expect(xml).not.toContain(SECRET);
  });

  it.each<[string, Machine, Record<string, string>]>([
    ['the least', minimalMachine(), { 'boot.qcow2': `qcow2 ${10 * GIB}` }],
    ['a raw boot disk, grown to its size', RAW, { 'boot.raw': `raw ${10 * GIB}` }],
    [
      'an empty boot disk',
      minimalMachine({ bootDisk: bootDisk({ sizeGib: 3, image: undefined, format: 'raw' }) }),
      { 'boot.raw': `raw ${3 * GIB}` },
    ],
  ])('with %s makes no more than its disk and its log', async (_, machine, files) => {
    const context = host();
    expect(await create(machine, context)).toBeUndefined();
    expect(Object.fromEntries(context.hypervisor.directories.get('/images/my-vm') ?? [])).toStrictEqual({
      ...files,
      'console.log': 'raw 0',
    });
    expect(context.hypervisor.domains.get('my-vm')).toMatchObject({ autostart: false });
    expect(context.progress.lines).not.toContain('done: Cloud-init ISO generated');
  });

  it.each([
    ['an overlay', minimalMachine()],
    ['a copy', RAW],
  ])('of an image that nobody could look at makes no empty disk for %s', async (_, machine) => {
    const context = host();
    // As on a connection for looking only, where no pool shows the image's directory.
    context.hypervisor.isReadOnly = true;
    const before = context.hypervisor.census();
    expect(await create(machine, context)).toMatchObject({
      kind: 'storage',
      message: 'nobody has looked at the image /images/base.qcow2: no disk is made of it',
    });
    expect(context.hypervisor.census()).toStrictEqual(before);
    expect(context.hypervisor.calls).not.toContain('Pool.createVolume');
  });

  it('of an image whose first bytes cannot be read makes nothing', async () => {
    const context = host();
    context.hypervisor.fault = (call) => (call === 'Volume.head' ? 'denied' : undefined);
    const before = context.hypervisor.census();
    expect(await create(minimalMachine(), context)).toMatchObject({
      kind: 'storage',
      message: 'cannot look at the image /images/base.qcow2: permission denied there',
    });
    expect(context.hypervisor.census()).toStrictEqual(before);
    expect(context.hypervisor.calls).not.toContain('defineDomain');
  });

  it('takes the name before it makes anything', async () => {
    const context = host();
    await create(fullMachine(), context);
    const { calls } = context.hypervisor;
    const making = ['startPool with build', 'Pool.createVolume', 'Volume.upload', 'Domain.start'];
    const order = ['defineDomain', ...making].map((call) => calls.indexOf(call));
    expect(order).toStrictEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('uses a directory and a pool that are there, and leaves the pool', async () => {
    const context = host();
    context.hypervisor.addDirectory('/images/my-vm', 'notes.txt');
    context.hypervisor.addPool('mine', '/images/my-vm', { active: true });
    expect(await create(minimalMachine(), context)).toBeUndefined();
    expect([...context.hypervisor.pools.keys()]).toStrictEqual(['mine']);
    expect(context.hypervisor.directories.get('/images/my-vm')?.size).toBe(3);
  });
});

/**
 * A host without an interface driver; of old capabilities; a pool left; a pool that is found when one is to be
 * started beside it.
 */
const HARMLESS = new Set([
  'domainCapabilities of x86_64 q35 kvm',
  'findInterface',
  'findPoolByPath',
  'Pool.stop',
  'Volume.xml',
]);

const LOOKS = new Set(['startPool']);

/** Calls that were answered less often than in a create without trouble. */
function missingAnswers(
  smooth: readonly string[],
  troubled: readonly string[],
  failed: number,
): readonly string[] {
  const answered = troubled.filter((_, index) => index !== failed);
  return [...new Set(smooth)].filter((call) => times(answered, call) < times(smooth, call));
}

function times(calls: readonly string[], call: string): number {
  return calls.filter((one) => one === call).length;
}

function workflow(machine: Machine): Workflow {
  return { prepare: host, run: (context) => createVm(loaded(machine), context) };
}

describe('a create that fails', () => {
  it.each([
    ['with everything', fullMachine()],
    ['with a raw boot disk', RAW],
  ])(
    'at any call, of a machine %s, takes back all that it made, and the first error wins',
    async (_, machine) => {
      const smooth = host();
      await create(machine, smooth);
      const outcomes = await eachCall(workflow(machine), failOnce);
      const verdicts = outcomes.map(({ call, error, context, unchanged }, index) => {
        const told = describeError(error);
        if (told === 'success') {
          if (stateOf(context) !== 'running') return 'silent';
          if (HARMLESS.has(call)) return 'the VM runs without that answer';
          // What was asked early is asked again by whoever needs it: no answer is missing in the end.
          const missing = missingAnswers(smooth.hypervisor.calls, context.hypervisor.calls, index);
          return missing.length === 0 ? 'asked again' : `${call}: never answered: ${missing.join(', ')}`;
        }
        const explained = told === 'validation' || told.endsWith(` about ${call}`);
        return explained && unchanged ? 'taken back' : `${call}: ${told}, unchanged: ${unchanged}`;
      });
      expect(new Set(verdicts)).toStrictEqual(
        new Set(['taken back', 'asked again', 'the VM runs without that answer']),
      );
      const making = outcomes.slice(smooth.hypervisor.calls.indexOf('defineDomain'));
      const late = making.filter((one) => one.error === undefined && !HARMLESS.has(one.call));
      // Nor is a change ever made twice: only looks are, and the pools that they look through.
      expect(late.map(({ call }) => call).filter((call) => !LOOKS.has(call))).toStrictEqual([]);
    },
  );

  it('because the connection broke says so, wherever it broke', async () => {
    const outcomes = await eachCall(workflow(fullMachine()), disconnect);
    const verdicts = outcomes.map(({ error, context }) => {
      const [kind] = describeError(error).split(' ');
      return `${kind}, the VM ${stateOf(context) === 'running' ? 'runs' : 'does not run'}`;
    });
    expect(new Set(verdicts)).toStrictEqual(
      new Set(['connection, the VM does not run', 'connection, the VM runs', 'success, the VM runs']),
    );
    const complete = outcomes.filter(({ error }) => error === undefined);
    expect(complete.map(({ call }) => call)).toStrictEqual(['Pool.stop']);
  });

  it('because it was interrupted takes back all that it made, unless the VM runs by then', async () => {
    const outcomes = await eachCall(workflow(fullMachine()), (context, index) => {
      const controller = new AbortController();
      context.hypervisor.fault = (_, at) => {
        if (at === index) controller.abort(new Interrupted('SIGINT'));
        return undefined;
      };
      return { ...context, signal: controller.signal };
    });
    const verdicts = outcomes.map(({ error, context, unchanged }) => {
      if (error instanceof Interrupted) return `interrupted, unchanged: ${unchanged}`;
      return `${String(stateOf(context))}: ${describeError(error)}`;
    });
    expect(new Set(verdicts)).toStrictEqual(new Set(['interrupted, unchanged: true', 'running: success']));
  });

  it('goes on taking back after an undo that fails, and says what stays', async () => {
    const context = host();
    context.hypervisor.fault = (call) =>
      ['Domain.start', 'Volume.delete'].includes(call) ? 'other' : undefined;
    expect(await create(minimalMachine(), context)).toMatchObject({ message: "cannot start VM 'my-vm'" });
    expect(context.progress.lines.filter((line) => line.startsWith('note'))).toStrictEqual([
      'note: left: volume boot.qcow2, volume console.log, directory /images/my-vm with pool plow-my-vm-00000000, domain my-vm (plow destroy my-vm removes what there is)',
    ]);
    expect(context.hypervisor.domains.get('my-vm')?.xml).toContain('status="creating"');
    expect(context.hypervisor.pools.size).toBe(0);
  });

  it('takes back nothing that was there before', async () => {
    const context = host();
    context.hypervisor.addDirectory('/images/my-vm', 'boot.qcow2');
    context.hypervisor.directories.get('/images')?.set('my-vm', 'dir 0');
    const before = context.hypervisor.census();
    expect(await create(fullMachine(), context)).toMatchObject({
      kind: 'storage',
      message:
        "boot.qcow2 already exists in the VM's directory, and plow overwrites nothing: move /images/my-vm/boot.qcow2 away if it is not needed, or choose another name for the VM",
    });
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it('because another took the name meanwhile says so, and leaves that VM alone', async () => {
    const context = host();
    context.hypervisor.fault = (call) => {
      if (call === 'defineDomain') context.hypervisor.addDomain('my-vm', '<domain/>', 'running');
      return undefined;
    };
    expect(await create(minimalMachine(), context)).toMatchObject({
      kind: 'validation',
      message: "VM 'my-vm' already exists (plow list --all shows it, plow destroy my-vm removes it)",
    });
    expect(context.hypervisor.domains.get('my-vm')).toMatchObject({ xml: '<domain/>', state: 'running' });
  });
});

describe('what only the hypervisor can tell', () => {
  it('is checked before anything is made, all mistakes at once', async () => {
    const context = host();
    context.hypervisor.addDomain('my-vm', '<domain/>', 'shut off');
    const before = context.hypervisor.census();
    const full = fullMachine();
    const machine = fullMachine({
      virtType: 'qemu',
      cpuMode: 'host-passthrough',
      bootDisk: bootDisk({ sizeGib: 1, image: '/images/bsae.qcow2', format: 'qcow2' }),
      interfaces: full.interfaces.map((one) => ({ ...one, bridge: 'virbr9' })),
    });
    const error = await create(machine, context);
    expect(error).toMatchObject({ kind: 'validation' });
    expect(String(error).replace('PlowError: ', '').split('\n')).toStrictEqual([
      "vm.yaml:1:1: name: VM 'my-vm' already exists (plow list --all shows it, plow destroy my-vm removes it)",
      "vm.yaml:1:1: cpu_mode: host-passthrough needs KVM, and this VM runs as 'qemu': use host-model",
      "vm.yaml:1:1: network_interfaces.0.bridge: bridge 'virbr9' does not exist on the hypervisor (there: br0, br1)",
      'vm.yaml:1:1: boot_disk.image: /images/bsae.qcow2 does not exist on the hypervisor (there: base.qcow2, base.raw, other.img)',
    ]);
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it.each<[string, Partial<Machine>, string, string]>([
    [
      'an image in a directory that is not there',
      { bootDisk: bootDisk({ sizeGib: 1, image: '/images/nosuch/a.qcow2', format: 'qcow2' }) },
      'qcow2 1',
      'boot_disk.image: /images/nosuch/a.qcow2 is not there: the hypervisor has no directory /images/nosuch',
    ],
    [
      'an image that is larger than the disk',
      { bootDisk: bootDisk({ sizeGib: 1, image: '/images/base.qcow2', format: 'qcow2' }) },
      `qcow2 ${1.5 * GIB}`,
      'boot_disk.size_gb: 1 GiB is smaller than the image (1.5 GiB): give at least 2',
    ],
    [
      'an image of another format',
      {},
      `vmdk ${GIB}`,
      'boot_disk.image: /images/base.qcow2 is vmdk, and a base image must be qcow2 or raw: qemu-img convert -O qcow2',
    ],
    [
      'a text file',
      {},
      'raw 777',
      'boot_disk.image: /images/base.qcow2 is not a disk image: it has no qcow2 header and is not made of whole sectors',
    ],
    [
      'a raw file that is called qcow2',
      {},
      'raw 512',
      'boot_disk.image: /images/base.qcow2 is not a disk image: it has no qcow2 header',
    ],
  ])('refuses %s', async (_, changes, image, diagnostic) => {
    const context = host();
    context.hypervisor.directories.get('/images')?.set('base.qcow2', image);
    const before = context.hypervisor.census();
    const error = await create(minimalMachine(changes), context);
    expect(error).toMatchObject({ kind: 'validation', message: `vm.yaml:1:1: ${diagnostic}` });
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it('looks into a directory once before it makes anything, for image, storage path and leftovers', async () => {
    const context = host();
    expect(await create(fullMachine(), context)).toBeUndefined();
    const { calls } = context.hypervisor;
    const before = calls.slice(0, calls.indexOf('defineDomain'));
    expect(before.filter((call) => call === 'startPool')).toHaveLength(1);
    // The VM's directory, and the image, which is looked at anew just before it is used.
    const made = calls.slice(before.length, calls.indexOf('Pool.createVolume'));
    expect(made.filter((call) => call.startsWith('startPool'))).toHaveLength(3);
  });

  it('finds an image that is newer than the pool on its directory', async () => {
    const context = host();
    context.hypervisor.addPool('default', '/images', { active: true });
    context.hypervisor.directories.get('/images')?.set('new.qcow2', `qcow2 ${GIB}`);
    const machine = minimalMachine({
      bootDisk: bootDisk({ sizeGib: 1, image: '/images/new.qcow2', format: 'qcow2' }),
    });
    expect(await create(machine, context)).toBeUndefined();
  });

  it('a storage path that is not there is an error with the command that makes it', async () => {
    const context = { ...host(), storagePath: '/nosuch' };
    const before = context.hypervisor.census();
    expect(await create(minimalMachine(), context)).toMatchObject({
      kind: 'storage',
      message:
        'the storage path /nosuch does not exist on the hypervisor: install -d -m 0711 /nosuch, or give another with --storage-path',
    });
    expect(context.hypervisor.census()).toStrictEqual(before);
  });
});
