import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeIso } from '../../../../src/iso9660/write-iso.ts';
import { movingDocument } from '../../../../src/libvirt-xml/move/document.ts';
import { SEED_VOLUME_ID } from '../../../../src/provision/cloud-init/seed-files.ts';
import { findGarbage } from '../../../../src/vm/gc/find.ts';
import type { Garbage } from '../../../../src/vm/gc/garbage.ts';
import { removeGarbage } from '../../../../src/vm/gc/remove.ts';
import { madeFor } from '../../../../src/vm/gc/seed-proof.ts';
import { cloudInit, minimalMachine } from '../../machines.ts';
import { whileTimePasses } from '../../time.ts';
import type { TestContext } from '../context.ts';
import { eachCall, failOnce } from '../each-call.ts';
import { contextWith } from '../export/vms.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ALONE = { restMs: 0, notShared: true };
const UUID = 'abcdef01-0000-4000-8000-000000000001';
const NVRAM = '/var/lib/libvirt/qemu/nvram';

/** What is left where a VM with a seed was undefined by other means. */
function abandoned(): TestContext {
  const context = contextWith(minimalMachine({ name: 'web', provisioning: cloudInit({ hostname: 'web' }) }));
  const { hypervisor } = context;
  hypervisor.domains.delete('web');
  hypervisor.directories.set('/images', new Map([['web', 'dir 0']]));
  hypervisor.directories.set(NVRAM, new Map([['web_VARS.fd', 'raw 540672']]));
  return context;
}

function shown(all: readonly Garbage[]): readonly string[] {
  return all.map(({ kind, what, fate }) => `${kind} ${what}: ${'stays' in fate ? fate.stays : 'goes'}`);
}

async function found(context: TestContext, options = ALONE): Promise<readonly string[]> {
  return shown(await findGarbage(options, context));
}

async function collect(context: TestContext): Promise<readonly unknown[]> {
  const left: unknown[] = [];
  for (const garbage of await findGarbage(ALONE, context)) left.push(await removeGarbage(garbage));
  return left;
}

const CLONE =
  "<domain><name>clone</name><devices><disk type='file' device='disk'><source file='/images/web/boot.qcow2'/><target dev='vda'/></disk></devices></domain>";

describe('what a VM that is gone has left', () => {
  it('is found with what proves that plow made it, and changes nothing', async () => {
    const context = abandoned();
    const before = context.hypervisor.census();
    expect(await found(context)).toStrictEqual([
      `nvram ${NVRAM}/web_VARS.fd: goes`,
      'directory /images/web: goes',
    ]);
    expect(context.hypervisor.census()).toStrictEqual(before);
    expect(context.hypervisor.held).toBe(0);
  });

  it('goes', async () => {
    const context = abandoned();
    expect(await collect(context)).toStrictEqual([new Map(), new Map()]);
    const { directories, pools } = context.hypervisor;
    expect([directories.has('/images/web'), directories.get(NVRAM)?.size, pools.size]).toStrictEqual([
      false,
      0,
      0,
    ]);
  });

  it('stays where a file of another is with it, but for its own files', async () => {
    const context = abandoned();
    context.hypervisor.directories.get('/images/web')?.set('notes.txt', 'raw 5');
    expect((await collect(context)).at(-1)).toStrictEqual(
      new Map([['/images/web/notes.txt', 'not made by plow, and not a disk of the VM']]),
    );
    expect([...(context.hypervisor.directories.get('/images/web')?.keys() ?? [])]).toStrictEqual([
      'notes.txt',
    ]);
  });

  it('is not known to be left where others may have the storage path too', async () => {
    const [nvram, directory] = await found(abandoned(), { ...ALONE, notShared: false });
    expect(nvram).toMatch(/nothing proves that its VM was plow's: rm/u);
    expect(directory).toMatch(/it cannot be seen whether other hypervisors have the storage path too/u);
  });

  it.each<[string, (context: TestContext) => void, RegExp]>([
    [
      'without a seed',
      ({ hypervisor }) => void hypervisor.directories.get('/images/web')?.delete('cloudinit.iso'),
      /no seed of plow's in it proves that plow made it: rm -r \/images\/web if/u,
    ],
    [
      'with a config of Ignition',
      ({ hypervisor }) => {
        hypervisor.directories.get('/images/web')?.delete('cloudinit.iso');
        hypervisor.directories.get('/images/web')?.set('config.ign', 'raw 500');
      },
      /config\.ign in it does not prove, as a seed would, that plow made it for that VM: rm -r \/images\/web if/u,
    ],
    [
      'with the seed of another VM',
      ({ hypervisor }) => {
        const files = hypervisor.directories.get('/images/web') ?? new Map<string, string>();
        const seed = hypervisor.contents.get('/images/web/cloudinit.iso') ?? new Uint8Array();
        hypervisor.directories.set('/images/db', files);
        hypervisor.directories.set('/images', new Map([['db', 'dir 0']]));
        hypervisor.contents.set('/images/db/cloudinit.iso', seed);
      },
      /its seed was made for VM 'web'/u,
    ],
    [
      'while another VM stands on a disk of it',
      ({ hypervisor }) => hypervisor.addDomain('clone', CLONE, 'shut off'),
      /boot\.qcow2: VM 'clone' stands on it/u,
    ],
    [
      'without a seed, while another VM stands on a disk of it: nobody is told to remove it',
      ({ hypervisor }) => {
        hypervisor.directories.get('/images/web')?.delete('cloudinit.iso');
        hypervisor.addDomain('clone', CLONE, 'shut off');
      },
      /^directory \/images\/web: boot\.qcow2: VM 'clone' stands on it$/u,
    ],
    [
      'with nothing but data disks, which somebody kept',
      ({ hypervisor }) => {
        hypervisor.directories.set('/images/web', new Map([['data-vdb.qcow2', 'qcow2 1073741824']]));
      },
      /plow create --adopt-data takes them back for a VM 'web'/u,
    ],
  ])('stays %s', async (_, change, words) => {
    const context = abandoned();
    change(context);
    const before = context.hypervisor.census();
    expect((await found(context)).find((line) => line.startsWith('directory '))).toMatch(words);
    await collect(context);
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it('stays where somebody touched it a while ago', async () => {
    const hour = { ...ALONE, restMs: 3_600_000 };
    const context = abandoned();
    expect((await found(context, hour)).at(-1)).toMatch(/it was touched at an unknown time/u);
    const now = context.now().getTime() / 1000;
    context.hypervisor.writtenAt = now - 600;
    expect((await found(context, hour)).at(-1)).toMatch(/it was touched 10m ago: --older-than/u);
    context.hypervisor.writtenAt = now - 3600;
    expect((await found(context, hour)).at(-1)).toBe('directory /images/web: goes');
  });

  it('stays where somebody makes a VM of that name meanwhile', async () => {
    const context = abandoned();
    const { hypervisor } = context;
    const all = await findGarbage(ALONE, context);
    hypervisor.addDomain('web', '<domain><name>web</name></domain>', 'shut off');
    const before = hypervisor.census();
    await expect(removeGarbage(all[1] as Garbage)).rejects.toThrow("there is a VM 'web' again");
    expect(hypervisor.census()).toStrictEqual(before);
  });

  it('goes by the same command, whichever call failed', async () => {
    const outcomes = await whileTimePasses(eachCall({ prepare: abandoned, run: collect }, failOnce));
    expect(outcomes.length).toBeGreaterThan(30);
    for (const { context, call } of outcomes) {
      context.hypervisor.fault = () => undefined;
      await whileTimePasses(collect(context));
      const { directories, pools, held } = context.hypervisor;
      // An empty directory is nobody's.
      const rest = directories.get('/images/web')?.size ?? 0;
      const there = [call, rest, directories.get(NVRAM)?.size, pools.size, held];
      expect(there).toStrictEqual([call, 0, 0, 0, 0]);
    }
  });
});

describe('directories that are none of its business', () => {
  it('are not mentioned', async () => {
    const context = contextWith(minimalMachine({ name: 'web' }));
    const { hypervisor } = context;
    hypervisor.addDirectory('/images/isos', 'debian.iso');
    hypervisor.directories.set(
      '/images',
      new Map([
        ['web', 'dir 0'],
        ['isos', 'dir 0'],
        ['base.qcow2', 'qcow2 1'],
      ]),
    );
    expect(await found(context)).toStrictEqual([]);
  });
});

describe('a pool that a plow which was killed has left', () => {
  const pools = [
    [`plow-lent-${UUID}`, '/images/other'],
    [`plow-look-${UUID}`, '/images/./web'],
    ['plow-web-abcdef01', '/images/web'],
  ] as const;

  it.each(pools)('goes: %s', async (name, path) => {
    const context = abandoned();
    const { hypervisor } = context;
    hypervisor.domains.set('web', {
      xml: '<domain><name>web</name></domain>',
      state: 'running',
      autostart: false,
    });
    hypervisor.directories.set(path.replace('/./', '/'), new Map());
    hypervisor.addPool(name, path, { active: true, persistent: name.includes('web'), uuid: UUID });
    expect(await found(context)).toContain(`pool ${name}: goes`);
    await whileTimePasses(collect(context));
    expect(hypervisor.pools.size).toBe(0);
  });

  it('is none that only is called so', async () => {
    const context = abandoned();
    for (const [name, path] of pools)
      context.hypervisor.addPool(name, path, { active: false, uuid: 'another' });
    expect((await found(context)).filter((line) => line.startsWith('pool '))).toStrictEqual([]);
  });

  it('stays while a job runs there', async () => {
    const context = abandoned();
    const { hypervisor } = context;
    hypervisor.directories.clear();
    hypervisor.addDirectory('/images');
    const name = `plow-look-${UUID}`;
    hypervisor.addPool(name, '/images/./web', { active: true, persistent: false, uuid: UUID });
    const [pool] = await findGarbage(ALONE, { ...context, storagePath: '/images' });
    hypervisor.fault = (call) => (call === 'Pool.stop' ? 'busy' : undefined);
    const left = await whileTimePasses(removeGarbage(pool as Garbage));
    expect(left).toStrictEqual(new Map([[name, 'a plow works there']]));
  });
});

describe('a stopped pool of somebody else', () => {
  it.each([
    ['the storage path', '/images'],
    ['a directory of a VM that is gone', '/images/web'],
    ['the directory of NVRAM', NVRAM],
  ])('is not started to look into %s', async (_, path) => {
    const context = abandoned();
    const { hypervisor } = context;
    hypervisor.addPool('theirs', path, { active: false });
    const before = hypervisor.census();
    expect(await found(context)).toStrictEqual([
      `nvram ${NVRAM}/web_VARS.fd: goes`,
      'directory /images/web: goes',
    ]);
    expect(hypervisor.census()).toStrictEqual(before);
    expect(hypervisor.calls).not.toContain('Pool.start');
  });

  it('is not started to remove the directory, which stays', async () => {
    const context = abandoned();
    const { hypervisor } = context;
    hypervisor.addPool('theirs', '/images/web', { active: false });
    expect((await collect(context)).at(-1)).toStrictEqual(
      new Map([['/images/web', "the pool 'theirs' on it is not plow's"]]),
    );
    expect(hypervisor.calls).not.toContain('Pool.start');
    expect(hypervisor.pools.get('theirs')?.active).toBe(false);
  });
});

/** A create that is under way, or died. */
function incomplete(): TestContext {
  const context = contextWith(minimalMachine({ name: 'web' }), {
    edit: (xml) => xml.replace('status="ready"', 'status="creating"'),
  });
  context.hypervisor.directories.set('/images', new Map([['web', 'dir 0']]));
  return context;
}

describe('a create that is incomplete', () => {
  it('stays while it may be under way', async () => {
    expect(await found(incomplete(), { ...ALONE, restMs: 3_600_000 })).toStrictEqual([
      'incomplete VM web: it was begun 0s ago: plow destroy web removes it',
    ]);
  });

  it('goes after that', async () => {
    const context = incomplete();
    const all = await findGarbage({ ...ALONE, restMs: 0 }, context);
    expect(shown(all)).toStrictEqual(['incomplete VM web: goes']);
    await removeGarbage(all[0] as Garbage);
    expect([
      context.hypervisor.domains.size,
      context.hypervisor.directories.has('/images/web'),
    ]).toStrictEqual([0, false]);
  });

  it('stays where it has ended well meanwhile', async () => {
    const context = incomplete();
    const [garbage] = await findGarbage({ ...ALONE, restMs: 0 }, context);
    const domain = context.hypervisor.domains.get('web');
    if (domain !== undefined) domain.xml = domain.xml.replace('status="creating"', 'status="ready"');
    expect(await removeGarbage(garbage as Garbage)).toStrictEqual(
      new Map([['web', 'its create has ended well meanwhile']]),
    );
    expect(context.hypervisor.domains.size).toBe(1);
  });
});

describe('in the directory of a VM that is there', () => {
  it('a layer that nobody needs goes, and a disk that was detached stays', async () => {
    const context = contextWith(minimalMachine({ name: 'web' }));
    const { hypervisor } = context;
    hypervisor.directories.set('/images', new Map([['web', 'dir 0']]));
    hypervisor.directories.get('/images/web')?.set('snap-00000001-vda.qcow2', 'qcow2 1');
    hypervisor.writtenAt = 0;
    hypervisor.directories.get('/images/web')?.set('data-vdb.qcow2', 'qcow2 1');
    const all = await findGarbage(ALONE, context);
    expect(shown(all)).toStrictEqual([
      'snapshot file /images/web/snap-00000001-vda.qcow2: goes',
      "disk /images/web/data-vdb.qcow2: there may be data on it: virsh attach-disk gives it to VM 'web' again, rm /images/web/data-vdb.qcow2 removes it",
    ]);
    for (const garbage of all) await removeGarbage(garbage);
    expect([...(hypervisor.directories.get('/images/web')?.keys() ?? [])]).toStrictEqual([
      'boot.qcow2',
      'data-vdb.qcow2',
    ]);
  });
});

it('what a move knows of a VM on its way is none of it', async () => {
  const uuid = '00000000-0000-4000-8000-000000000099';
  const mark = {
    role: 'source',
    phase: 'moved',
    token: 'one',
    host: 'h2',
    ran: false,
    autostart: false,
    bases: [],
  } as const;
  const edit = (xml: string): string =>
    movingDocument(xml, { uuid, mark, isBarred: true, isElsewhere: false });
  const context = contextWith(minimalMachine({ name: 'web' }), { edit });
  const { hypervisor } = context;
  hypervisor.directories.set('/images', new Map([['web', 'dir 0']]));
  hypervisor.directories.get('/images/web')?.set('cloudinit-0a1b2c3d.iso', 'raw 1');
  hypervisor.writtenAt = 0;
  hypervisor.missing = ['/images/web/boot.qcow2.plow-moving'];
  expect(hypervisor.domains.get('web')?.xml).toContain('boot.qcow2.plow-moving');
  expect(await found(context)).toStrictEqual([]);
});

it('a VM that lacks a file is told', async () => {
  const context = contextWith(minimalMachine({ name: 'web' }));
  context.hypervisor.directories.set('/images', new Map());
  context.hypervisor.missing = ['/images/base.qcow2'];
  expect(await found(context)).toStrictEqual([
    'broken chain /images/base.qcow2: put it back, or plow destroy web',
  ]);
});

describe('a seed', () => {
  const createdAt = new Date('2026-01-02T03:04:05.670Z');
  const files = [{ name: 'meta-data', bytes: Buffer.from('instance-id: web-1767323045\n') }];

  it("is plow's where plow makes the same bytes", () => {
    expect(madeFor(writeIso({ volumeId: SEED_VOLUME_ID, files, createdAt }))).toBe('web');
  });

  it.each([
    ['another label', writeIso({ volumeId: 'other', files, createdAt })],
    ['other modes', writeIso({ volumeId: SEED_VOLUME_ID, files, createdAt, mode: 0o644 })],
    ['no meta-data', writeIso({ volumeId: SEED_VOLUME_ID, files: [], createdAt })],
    ['no ISO', new Uint8Array(100_000)],
    ['nothing', new Uint8Array()],
  ])("is not plow's with %s", (_, bytes) => {
    expect(madeFor(bytes)).toBeUndefined();
  });
});
