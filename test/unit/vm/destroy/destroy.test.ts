import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import { planDestroy } from '../../../../src/vm/destroy/plan.ts';
import { destroyVm } from '../../../../src/vm/destroy/destroy.ts';
import type { LocalFacts } from '../../../../src/hypervisor/local.ts';
import { fullMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { describeError, disconnect, eachCall, failOnce } from '../each-call.ts';
import type { Workflow } from '../each-call.ts';

const NO_LOCAL_FACTS: LocalFacts = {
  exists: async () => false,
  read: async () => undefined,
  look: async () => 'ENOENT',
  names: async () => [],
  output: async () => undefined,
};

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
const OWN = ['boot.qcow2', 'data-vdb.qcow2', 'data-vdc.qcow2', 'cloudinit.iso'];

/** The document of a VM that plow made in `directory`. */
function documentOf(name: string, directory = `/images/${name}`): string {
  const machine = fullMachine({ name });
  return domainXml(machine, {
    arch: 'x86_64',
    virtType: 'qemu',
    backingFormat: 'qcow2',
    metadata: {
      status: 'ready',
      uuid: UUID,
      version: '0.1.0',
      created: '',
      directory,
      stored: toStored(machine),
    },
  });
}

/** A directory of files of this machine, each with that text. */
function localFacts(text: string, names: readonly string[]): LocalFacts {
  const size = { bytes: text.length, takenBytes: 0, availableBytes: 0, head: new Uint8Array() };
  return {
    ...NO_LOCAL_FACTS,
    look: async () => ({ type: 'file', mode: 0o600, owner: 0, group: 0, ...size }),
    read: async () => text,
    names: async () => names,
  };
}

/** The document of a VM made by another. */
function foreignDocument(...disks: readonly string[]): string {
  return `<domain><name>my-vm</name><devices>${disks.join('')}</devices></domain>`;
}

function fileDisk(path: string, target = 'vda'): string {
  return `<disk type='file' device='disk'><source file='${path}'/><target dev='${target}'/></disk>`;
}

/** A host with a base image and VM my-vm in its directory. */
function host(document = documentOf('my-vm'), files: readonly string[] = OWN): TestContext {
  const context = testContext();
  context.hypervisor.addDirectory('/images', 'base.qcow2');
  context.hypervisor.addDirectory('/images/my-vm', ...files);
  context.hypervisor.addDomain('my-vm', document, 'running');
  return context;
}

/** Destroys a VM, of which the plan told before what goes and what stays, and touched nothing. */
async function destroyAsPlanned(name: string, context: TestContext): Promise<void> {
  const { hypervisor } = context;
  const domain = await hypervisor.findDomain(name);
  if (domain === undefined) throw new Error(`there is a ${name}`);
  const before = hypervisor.census();
  const plan = await planDestroy(domain, context);
  expect(hypervisor.census()).toStrictEqual(before);
  const files = allFiles(context);
  const { left } = (await destroyVm(name, context)) ?? {};
  expect(sorted(plan.stays)).toStrictEqual(sorted(left ?? new Map()));
  const gone = files.filter((path) => !allFiles(context).includes(path));
  const planned = plan.goes.filter(({ kind }) => kind === 'file' || kind === 'directory');
  expect(planned.map(({ what }) => what).toSorted()).toStrictEqual(gone.toSorted());
  for (const what of plan.missing) expect(context.progress.lines).toContain(`note: ${what} was not there`);
}

function sorted(left: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...left].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** Directories as well. */
function allFiles({ hypervisor }: TestContext): readonly string[] {
  return [...hypervisor.directories].flatMap(([path, files]) => [
    path,
    ...[...files.keys()].map((file) => `${path}/${file}`),
  ]);
}

function notes({ progress }: TestContext): readonly string[] {
  return progress.lines.filter((line) => line.startsWith('note: '));
}

function filesIn({ hypervisor }: TestContext, directory = '/images/my-vm'): readonly string[] | undefined {
  const files = hypervisor.directories.get(directory);
  return files && [...files.keys()];
}

describe('destroying a VM that plow made', () => {
  it('removes the domain, its files and its directory, and nothing else', async () => {
    const context = host();
    await destroyAsPlanned('my-vm', context);
    const expected = testContext();
    expected.hypervisor.addDirectory('/images', 'base.qcow2');
    expect(context.hypervisor.census()).toStrictEqual(expected.hypervisor.census());
    expect(context.progress.lines).toStrictEqual([
      "title: Destroying VM 'my-vm'...",
      'done: VM stopped',
      'done: Domain undefined',
      'done: Storage removed',
      "success: Successfully destroyed VM 'my-vm'",
    ]);
  });

  it('leaves a guest alone where storage does not answer, or cannot', async () => {
    const context = host();
    const asked = (): readonly string[] =>
      context.hypervisor.calls.filter((call) => /^Domain\.(?:shutdown|forceOff)|^watch/u.test(call));
    for (const reason of ['disconnected', 'daemon-down', 'busy', 'other'] as const) {
      context.hypervisor.fault = (call) => (call === 'findPoolByPath' ? reason : undefined);
      await expect(destroyVm('my-vm', context)).rejects.toMatchObject({
        message: expect.stringContaining(
          "VM 'my-vm', which is as it was: storage does not answer",
        ) as unknown,
      });
    }
    expect([asked(), context.hypervisor.domains.get('my-vm')?.state]).toStrictEqual([[], 'running']);
    context.hypervisor.fault = () => undefined;
    await destroyVm('my-vm', context);
    expect(asked()).not.toStrictEqual([]);
  });

  it('removes the log of its console with its older parts, but for one that another VM has', async () => {
    const context = host(documentOf('my-vm'), [...OWN, 'console.log', 'console.log.0', 'console.log.1']);
    context.hypervisor.addDomain(
      'other',
      foreignDocument(fileDisk('/images/my-vm/console.log.1')),
      'shut off',
    );
    await destroyAsPlanned('my-vm', context);
    expect([...(context.hypervisor.directories.get('/images/my-vm')?.keys() ?? [])]).toStrictEqual([
      'console.log.1',
    ]);
  });

  it('leaves what the domain does not name, and names it', async () => {
    const context = host(documentOf('my-vm'), [...OWN, 'notes.txt', 'snapshot.qcow2']);
    await destroyAsPlanned('my-vm', context);
    expect(filesIn(context)).toStrictEqual(['notes.txt', 'snapshot.qcow2']);
    expect(notes(context)).toStrictEqual([
      'note: left: /images/my-vm/notes.txt (not made by plow, and not a disk of the VM)',
      'note: left: /images/my-vm/snapshot.qcow2 (not made by plow, and not a disk of the VM)',
    ]);
    expect(context.hypervisor.pools.size).toBe(0);
    expect(context.hypervisor.domains.size).toBe(0);
  });

  it.each([
    ['<domain><name>my-vm</name></domain>', true],
    [`<domain type='kvm'><name>my-vm</name><uuid>${UUID.toUpperCase()}</uuid></domain>`, true],
    [`<domain><name>my-vm</name><uuid>${UUID.replace('0f', 'ff')}</uuid></domain>`, false],
    ['<domain><name>my-vm2</name></domain>', false],
    ['<network><name>my-vm</name></network>', false],
    ['<domain><name>my-vm</name>', false],
    [`<domain><name>my-vm</name>${' '.repeat(300 * 1024)}</domain>`, false],
  ])('takes a document of libvirt with it that is the own by what is in it: %j', async (text, goes) => {
    for (const isHere of [false, true]) {
      const context = host(documentOf('my-vm'), [...OWN, 'kvm.xml', 'kvm.txt']);
      const { hypervisor } = context;
      for (const file of ['kvm.xml', 'kvm.txt'])
        hypervisor.contents.set(`/images/my-vm/${file}`, new TextEncoder().encode(text));
      if (isHere) hypervisor.local = localFacts(text, [...OWN, 'kvm.xml', 'kvm.txt']);
      await destroyAsPlanned('my-vm', context);
      expect(filesIn(context)).toStrictEqual(goes ? ['kvm.txt'] : ['kvm.xml', 'kvm.txt']);
    }
  });

  it('takes no such document where another VM has files as well', async () => {
    const context = host(documentOf('my-vm'), [...OWN, 'kvm.xml', 'theirs.qcow2']);
    const { hypervisor } = context;
    const text = '<domain><name>my-vm</name></domain>';
    hypervisor.contents.set('/images/my-vm/kvm.xml', new TextEncoder().encode(text));
    const theirs = foreignDocument(fileDisk('/images/my-vm/theirs.qcow2')).replace('my-vm<', 'other<');
    hypervisor.addDomain('other', theirs, 'shut off');
    await destroyAsPlanned('my-vm', context);
    expect(filesIn(context)).toStrictEqual(['kvm.xml', 'theirs.qcow2']);
  });

  it('is content with files that are gone already, and names them', async () => {
    const context = host(documentOf('my-vm'), ['boot.qcow2']);
    await destroyAsPlanned('my-vm', context);
    expect(filesIn(context)).toBeUndefined();
    expect(notes(context)).toStrictEqual(
      OWN.slice(1).map((file) => `note: /images/my-vm/${file} was not there`),
    );
    expect(context.progress.lines).toContain('done: Storage removed');
  });

  it.each(['empty', 'gone'])('is content with a directory that is %s, and names it', async (state) => {
    const context = host(documentOf('my-vm'), []);
    if (state === 'gone') context.hypervisor.directories.delete('/images/my-vm');
    await destroyAsPlanned('my-vm', context);
    expect(filesIn(context)).toBeUndefined();
    expect(notes(context)).toStrictEqual([`note: /images/my-vm with ${OWN.join(', ')} was not there`]);
    expect(context.progress.lines).toContain('done: No storage to remove');
    expect(context.hypervisor.domains.size + context.hypervisor.pools.size).toBe(0);
  });

  it('expects no file of a create that died', async () => {
    const context = host(documentOf('my-vm').replace('"ready"', '"creating"'), []);
    await destroyAsPlanned('my-vm', context);
    expect(notes(context)).toStrictEqual([]);
  });

  it('says that it was off, that snapshots went with it, and what a link pointed to', async () => {
    const context = host();
    const { hypervisor } = context;
    hypervisor.addDomain('my-vm', documentOf('my-vm'), 'shut off');
    hypervisor.local = { ...NO_LOCAL_FACTS, names: async () => OWN };
    hypervisor.links.set('/images/my-vm/boot.qcow2', '/data/moved.qcow2');
    const snapshot = { name: 'my-vm', uuid: UUID, xml: '<domainsnapshot/>' };
    hypervisor.past = [snapshot, snapshot, { ...snapshot, xml: '<domain/>' }];
    await destroyAsPlanned('my-vm', context);
    expect(context.progress.lines).toContain('done: VM was off');
    expect(notes(context)).toStrictEqual([
      'note: 2 snapshots went with it',
      'note: left: /data/moved.qcow2 (/images/my-vm/boot.qcow2 was a link to it)',
    ]);
  });

  it('looks where it was made, whatever the storage path is now', async () => {
    const context = testContext();
    context.hypervisor.addDirectory('/srv/vms/my-vm', ...OWN);
    context.hypervisor.addDomain('my-vm', documentOf('my-vm', '/srv/vms/my-vm'), 'shut off');
    await destroyAsPlanned('my-vm', context);
    expect([...context.hypervisor.directories]).toStrictEqual([]);
  });

  it('clears away the pool that a create or destroy that died left on the directory', async () => {
    for (const left of [
      { active: true, persistent: false },
      { active: true, persistent: true },
      { active: false, persistent: true },
    ]) {
      const context = host();
      context.hypervisor.addPool('plow-my-vm-0123abcd', '/images/my-vm', left);
      await destroyAsPlanned('my-vm', context);
      expect([filesIn(context), context.hypervisor.pools.size]).toStrictEqual([undefined, 0]);
    }
  });

  it("takes no pool that another plow has lent for somebody else's", async () => {
    const context = host();
    context.hypervisor.addPool('plow-lent-1', '/images/my-vm', { active: true, persistent: false });
    await destroyVm('my-vm', context);
    expect([filesIn(context), notes(context), context.hypervisor.pools.size]).toStrictEqual([
      undefined,
      [],
      0,
    ]);
  });

  it.each([true, false])(
    "uses another's pool on the directory (active: %s) and leaves both",
    async (active) => {
      const context = host();
      context.hypervisor.addPool('my-vm', '/images/my-vm', { active });
      await destroyAsPlanned('my-vm', context);
      expect(filesIn(context)).toStrictEqual([]);
      expect(context.hypervisor.pools.get('my-vm')).toMatchObject({ active, persistent: true });
      expect(notes(context)).toStrictEqual([
        "note: left: /images/my-vm (the pool 'my-vm' on it is not plow's)",
      ]);
    },
  );

  it('leaves the files of a VM whose name begins alike, or that it was cloned from', async () => {
    const context = testContext();
    context.hypervisor.addDirectory('/images/my-vm', ...OWN);
    context.hypervisor.addDirectory('/images/my-vm2', ...OWN);
    context.hypervisor.addDomain('my-vm', documentOf('my-vm'), 'running');
    context.hypervisor.addDomain('my-vm2', documentOf('my-vm2'), 'running');
    // virt-clone gives disks of its own to the clone, but leaves it the original's metadata and cdrom.
    const clone = documentOf('my-vm')
      .replace('<name>my-vm<', '<name>clone<')
      .replace(`<uuid>${UUID}<`, '<uuid>11111111-2222-4333-8444-555555555555<')
      .replaceAll('my-vm/boot', 'my-vm/boot-clone');
    context.hypervisor.addDomain('clone', clone, 'shut off');
    await destroyAsPlanned('my-vm2', context);
    await destroyAsPlanned('clone', context);
    expect(filesIn(context, '/images/my-vm2')).toBeUndefined();
    expect(filesIn(context)).toStrictEqual(OWN);
    expect(notes(context)).toContain(
      "note: left: /images/my-vm/cloudinit.iso (not in the VM's directory /images/clone)",
    );
  });
});

describe('destroying a VM that plow did not make', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'outside its directory',
      fileDisk('/data/disk.qcow2'),
      ["/data/disk.qcow2 (not in the VM's directory /images/my-vm)"],
    ],
    [
      'in the storage path itself',
      fileDisk('/images/base.qcow2'),
      ["/images/base.qcow2 (not in the VM's directory /images/my-vm)"],
    ],
    [
      'behind a `..`',
      fileDisk('/images/my-vm/../base.qcow2'),
      ["/images/my-vm/../base.qcow2 (not in the VM's directory /images/my-vm)"],
    ],
    [
      'behind a `..` that comes back',
      fileDisk('/images/other/../my-vm/keep.qcow2'),
      ["/images/other/../my-vm/keep.qcow2 (not in the VM's directory /images/my-vm)"],
    ],
    [
      'whose name is `..`',
      fileDisk('/images/my-vm/..'),
      ["/images/my-vm/.. (not in the VM's directory /images/my-vm)"],
    ],
    [
      'in a directory whose name begins alike',
      fileDisk('/images/my-vm2/boot.qcow2'),
      ["/images/my-vm2/boot.qcow2 (not in the VM's directory /images/my-vm)"],
    ],
    [
      'in a directory below its own',
      fileDisk('/images/my-vm/deep/boot.qcow2'),
      ["/images/my-vm/deep/boot.qcow2 (not in the VM's directory /images/my-vm)"],
    ],
    [
      'on a block device',
      `<disk type='block'><source dev='/dev/vg/lv'/><target dev='vda'/></disk>`,
      ["/dev/vg/lv (not in the VM's directory /images/my-vm)"],
    ],
    [
      'on a block device under a name in its directory',
      `<disk type='block'><source dev='/images/my-vm/keep.qcow2'/><target dev='vda'/></disk>`,
      ["/images/my-vm/keep.qcow2 (not in the VM's directory /images/my-vm)"],
    ],
    [
      'on the network',
      `<disk type='network'><source protocol='rbd' name='a/b'/><target dev='vda'/></disk>`,
      ['disk vda (its source is of type network)'],
    ],
    [
      'in a pool',
      `<disk type='volume'><source pool='default' volume='base.qcow2'/><target dev='vda'/></disk>`,
      ['disk vda (its source is of type volume)'],
    ],
    ['in an empty drive', `<disk type='file' device='cdrom'><target dev='sda'/></disk>`, []],
    [
      'that lies behind its own',
      `<disk type='file'><source file='/images/my-vm/top.qcow2'/><backingStore><source file='/images/my-vm/keep.qcow2'/></backingStore><target dev='vda'/></disk>`,
      [],
    ],
  ])('leaves a disk %s, and names it', async (_, disk, left) => {
    const context = host(foreignDocument(disk), ['keep.qcow2']);
    context.hypervisor.addDirectory('/images/my-vm2', 'boot.qcow2');
    await destroyAsPlanned('my-vm', context);
    expect(filesIn(context)).toStrictEqual(['keep.qcow2']);
    expect(filesIn(context, '/images')).toStrictEqual(['base.qcow2']);
    expect(filesIn(context, '/images/my-vm2')).toStrictEqual(['boot.qcow2']);
    const kept = '/images/my-vm/keep.qcow2';
    const named = left.some((line) => line.startsWith(`${kept} `));
    const all = named ? left : [...left, `${kept} (not made by plow, and not a disk of the VM)`];
    expect(notes(context).filter((line) => !line.endsWith('was not there'))).toStrictEqual([
      "note: VM 'my-vm' was not made by plow",
      ...all.map((line) => `note: left: ${line}`),
    ]);
    expect(context.hypervisor.domains.size).toBe(0);
  });

  it('removes the disks in its directory, also one of the files it runs with now', async () => {
    const context = host(foreignDocument(fileDisk('/images/my-vm/a.qcow2')), ['a.qcow2']);
    await destroyAsPlanned('my-vm', context);
    expect(filesIn(context)).toBeUndefined();
  });
});

describe('a destroy that fails', () => {
  it.each([
    ['where there is no such VM', 'nosuch', false],
    ['of a VM that is incomplete', 'my-vm', true],
  ])('%s clears away what plows that were killed have lent', async (_, name, incomplete) => {
    const context = host(incomplete ? documentOf('my-vm').replace('"ready"', '"creating"') : undefined);
    context.hypervisor.addDirectory('/elsewhere');
    context.hypervisor.addPool('plow-lent-1', '/elsewhere', { active: true, persistent: false });
    await destroyVm(name, context).catch(() => undefined);
    expect([...context.hypervisor.pools.keys()]).toStrictEqual([]);
  });

  it('for want of the VM touches nothing', async () => {
    const context = host();
    const before = context.hypervisor.census();
    await expect(destroyVm('my-vm2', context)).rejects.toMatchObject({
      kind: 'operation',
      message: "VM 'my-vm2' does not exist",
    });
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  const workflow: Workflow = { prepare: host, run: (context) => destroyVm('my-vm', context) };
  const UNCHECKED = 'note: could not check that /var/lib/libvirt/qemu/nvram/my-vm_VARS.fd is gone';

  it('at any call is a failure that is explained or one that does not matter, and can be run again', async () => {
    const whole = host();
    await destroyVm('my-vm', whole);
    const verdicts: string[] = [];
    for (const { call, error, context } of await eachCall(workflow, failOnce)) {
      const told = describeError(error);
      if (told === 'success') verdicts.push([call, ...notes(context)].join(', '));
      else {
        context.hypervisor.fault = () => undefined;
        await destroyVm('my-vm', context);
        const gone = isDeepStrictEqual(context.hypervisor.census(), whole.hypervisor.census());
        verdicts.push(`${told.replace(call, 'it')}, then ${gone ? 'all gone' : 'something left'}`);
      }
    }
    expect(new Set(verdicts)).toStrictEqual(
      new Set([
        'operation about it, then all gone',
        'storage about it, then all gone',
        // A pool that does not stop is asked twice.
        'Pool.stop',
        'Domain.shutdown, note: the guest cannot be asked to shut down: forced off',
        // Elsewhere a look for a pool that fails is no answer: one is started, which tells.
        'findPoolByPath',
        `startPool, ${UNCHECKED}`,
      ]),
    );
  });

  it('because the connection broke says so, wherever it broke', async () => {
    const outcomes = await eachCall(workflow, disconnect);
    const verdicts = outcomes.map(({ error, context }) =>
      error === undefined ? notes(context).join() : describeError(error).split(' ')[0],
    );
    expect(new Set(verdicts)).toStrictEqual(new Set(['connection', UNCHECKED]));
  });

  it.each(['running', 'shut off'] as const)(
    'because it was interrupted removes nothing (%s)',
    async (state) => {
      const controller = new AbortController();
      controller.abort(new Interrupted('SIGTERM'));
      const { hypervisor } = host();
      hypervisor.addDomain('my-vm', documentOf('my-vm'), state);
      const context = testContext({ hypervisor, signal: controller.signal });
      const standing =
        state === 'running' ? "VM 'my-vm' is as it was" : "VM 'my-vm' is off, and all its files are there";
      await expect(destroyVm('my-vm', context)).rejects.toMatchObject({
        name: 'Interrupted',
        message: `interrupted by SIGTERM: ${standing}`,
      });
      expect(filesIn(context)).toStrictEqual(OWN);
      expect(hypervisor.domains.size).toBe(1);
    },
  );
});

describe('who stands on the disks', () => {
  const STANDS = foreignDocument(fileDisk('/images/my-vm/boot.qcow2'));
  const KEPT = "note: left: /images/my-vm/boot.qcow2 (VM 'other' stands on it)";

  it('is looked at once, between opening the directory and the first deletion', async () => {
    const context = host();
    await destroyVm('my-vm', context);
    const { calls } = context.hypervisor;
    const looks = calls.flatMap((call, at) => (call === 'domainDocuments' ? [at] : []));
    expect(looks).toHaveLength(1);
    expect(looks[0]).toBeGreaterThan(calls.lastIndexOf('Pool.start'));
    expect(looks[0]).toBeLessThan(calls.indexOf('Volume.delete'));
  });

  it('is looked at again where another destroy got in the way, and before each further try', async () => {
    const context = host();
    const { hypervisor } = context;
    let failures = 0;
    hypervisor.fault = (call) => {
      if (call !== 'Volume.delete' || (failures += 1) > 2) return undefined;
      if (failures === 2) hypervisor.addDomain('other', STANDS, 'shut off');
      return 'not-found';
    };
    await destroyVm('my-vm', context);
    expect(hypervisor.calls.filter((call) => call === 'domainDocuments')).toHaveLength(3);
    expect(notes(context)).toContain(KEPT);
    expect(filesIn(context)).toStrictEqual(['boot.qcow2']);
  });

  it('is looked at again where a job of another client kept a disk from going', async () => {
    const context = host();
    const { hypervisor } = context;
    let isFirst = true;
    hypervisor.fault = (call) => {
      if (call !== 'Volume.delete' || !isFirst) return undefined;
      isFirst = false;
      hypervisor.addDomain('other', STANDS, 'shut off');
      return 'busy';
    };
    await destroyVm('my-vm', context);
    expect(notes(context)).toContain(KEPT);
    expect(filesIn(context)).toStrictEqual(['boot.qcow2']);
  });
});
