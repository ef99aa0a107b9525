import { describe, expect, it, vi } from 'vitest';
import type { BootDisk } from '../../../../src/config/machine.ts';
import type { LocalEntry, LocalFacts } from '../../../../src/hypervisor/local.ts';
import { createVm } from '../../../../src/vm/create/create.ts';
import { prepareCreate } from '../../../../src/vm/create/prepare.ts';
import { bootDisk, loaded, minimalMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { thrownBy } from '../each-call.ts';
import { headOf } from '../fake/pieces.ts';

const GIB = 2 ** 30;
const IMAGE = '/images/base.qcow2';
const RAW = { image: '/images/base.raw', format: 'raw' } as const;

/** With an image of each format. */
function host(changes: Partial<TestContext> = {}): TestContext {
  const context = testContext(changes);
  context.hypervisor.addDirectory('/images', 'base.qcow2', 'base.raw');
  context.hypervisor.directories.get('/images')?.set('base.raw', `raw ${GIB}`);
  return context;
}

async function told(
  context: TestContext,
  disk: Partial<BootDisk> = {},
  run: (...args: Parameters<typeof createVm>) => Promise<unknown> = createVm,
): Promise<unknown> {
  const before = context.hypervisor.census();
  const error = await thrownBy(run(loaded(minimalMachine({ bootDisk: bootDisk(disk) })), context));
  const after = error === undefined ? before : context.hypervisor.census();
  expect(after).toStrictEqual(before);
  return error instanceof Error ? error.message.replace('vm.yaml:1:1: boot_disk.image: ', '') : error;
}

/** Of a qcow2 image on another file. */
function overlay(): Uint8Array {
  const head = headOf(`qcow2 ${GIB}`);
  const view = new DataView(head.buffer);
  view.setBigUint64(8, 512n);
  view.setUint32(16, 9);
  head.set(Buffer.from('/a/secret'), 512);
  return head;
}

const outside = (image: string, value: readonly string[]): Promise<unknown> =>
  told(host({ imageDirs: { value, from: 'plow.yaml:3:14' } }), { image });

describe('the directories of images', () => {
  it.each([
    ['/images/a.raw', ['/images']],
    ['/images/deep/er/a.raw', ['/images']],
    ['/srv/b/a.raw', ['/images', '/srv/b']],
  ])('hold %s: %j', async (image, value) => {
    expect(await outside(image, value)).not.toContain('outside');
  });

  it.each([
    ['/imagesa.raw', ['/images'], '/images'],
    ['/root/a.raw', ['/images', '/srv'], '/images, /srv'],
    ['/root/a.raw', [], 'none'],
  ])('do not hold %s: %j', async (image, value, there) => {
    expect(await outside(image, value)).toBe(
      `${image} is outside the directories of images (${there}): put it into one, or allow its directory with image_dirs (plow.yaml:3:14)`,
    );
  });

  it('are in the settings file where nobody has said any', async () => {
    expect(await told(host(), { image: '/a.raw' })).toMatch(/ \(in the settings file\)$/u);
  });

  it('are all that is looked into: nothing else is opened, and no name there is told', async () => {
    const context = host();
    const { hypervisor } = context;
    hypervisor.addDirectory('/root', 'secret.raw');
    const lent = vi.spyOn(hypervisor, 'startPool');
    expect(await told(context, { image: '/root/nosuch.raw' })).not.toContain('secret');
    const paths = lent.mock.calls.map(([xml]) => /<path>(?<path>.*)<\/path>/u.exec(xml)?.groups?.['path']);
    expect(new Set(paths)).toStrictEqual(new Set(['/images']));
  });
});

const owning = (devices: string, metadata = ''): string =>
  `<domain><name>db</name><uuid>u-db</uuid>${metadata}<os><nvram>/images/vars.raw</nvram></os><devices>${devices}</devices></domain>`;
const disk = (source: string, below = ''): string => `<disk type='file'>${source}${below}</disk>`;
const machine = JSON.stringify({ ...minimalMachine(), name: 'db' }).replaceAll('10.20.30.40', '10.20.30.41');
const metadata = (directory: string): string =>
  `<metadata><plow:vm xmlns:plow="urn:plow:domain:1" status="ready" uuid="u-db" version="1" created="" directory="${directory}">${machine.replaceAll('"', '&quot;')}</plow:vm></metadata>`;

describe("another VM's own", () => {
  const base = `<source file='${IMAGE}'/>`;

  it.each([
    ['disk', IMAGE, owning(disk(base))],
    ['disk, spelt otherwise', IMAGE, owning(disk(`<source file='/images/./base.qcow2'/>`))],
    ['seed or other drive', IMAGE, owning(`<disk device='cdrom'>${base}</disk>`)],
    ['NVRAM', '/images/vars.raw', owning('')],
    ['NVRAM, which its document does not name', '/images/libvirt/qemu/nvram/db_VARS.fd', owning('')],
    ['mirror', IMAGE, owning(disk("<source file='/x'/>", `<backingStore/><mirror>${base}</mirror>`))],
    [
      'disk, as a volume of a pool',
      IMAGE,
      owning(`<disk><source pool='default' volume='base.qcow2'/></disk>`),
    ],
    ['disk, through a link', IMAGE, owning(disk("<source file='/links/base.qcow2'/>"))],
    ['directory', '/images/db/x.raw', owning('', metadata('/images/db'))],
    ['directory, deep in it', '/images/db/a/x.raw', owning('', metadata('/images/db'))],
  ])('is no base image: its %s', async (_, image, xml) => {
    const context = host();
    context.hypervisor.addDomain('db', xml, 'shut off');
    context.hypervisor.addPool('default', '/images', { active: true });
    context.hypervisor.links.set('/links/base.qcow2', IMAGE);
    for (const format of ['qcow2', 'raw'] as const)
      expect(await told(context, { image, format })).toBe(
        `${image} belongs to VM 'db', and a base image is nobody's own: give a copy of it that no VM uses`,
      );
  });

  it.each([
    [
      'what it stands on',
      owning(disk("<source file='/x'/>", `<backingStore type='file'>${base}<backingStore/></backingStore>`)),
    ],
    [
      'what it stands on, further down',
      owning(
        disk(
          "<source file='/x'/>",
          `<backingStore><source file='/y'/><backingStore>${base}<backingStore/></backingStore></backingStore>`,
        ),
      ),
    ],
    ['a directory that its metadata cannot mean', owning('', metadata('/images'))],
    ['another file of that name', owning(disk("<source file='/other/base.qcow2'/>"))],
  ])('is not %s', async (_, xml) => {
    const context = host();
    context.hypervisor.addDomain('db', xml, 'running');
    expect(await told(context)).toBeUndefined();
  });
});

const LOOK: LocalEntry = {
  type: 'file',
  mode: 0o644,
  owner: 0,
  group: 0,
  bytes: GIB,
  takenBytes: 0,
  availableBytes: 2 ** 40,
  head: headOf(`qcow2 ${GIB}`),
};

/** This machine, on which the image is as told and all directories are root's. */
function here(entry: LocalEntry | string): LocalFacts {
  return {
    look: async (path) => {
      if (path === IMAGE) return entry;
      return path.includes('my-vm') ? 'ENOENT' : { ...LOOK, type: 'dir', mode: 0o755 };
    },
    names: async () => ['base.qcow2'],
    exists: async () => true,
    read: async () => undefined,
    output: async () => undefined,
  };
}

/** Why nobody knows whether the image is a link. */
async function linksUntold(context: TestContext): Promise<readonly string[]> {
  const { checked } = await prepareCreate(loaded(minimalMachine()), context);
  return checked.notChecked.filter(({ check }) => check === 'link').map(({ why }) => why);
}

describe('on this machine', () => {
  it('an image is no device', async () => {
    const context = host();
    context.hypervisor.local = here({ ...LOOK, type: 'other' });
    const message = `${IMAGE} is a device, a pipe or the like, not a disk image`;
    expect(await told(context)).toBe(message);
    expect(await told(context, {}, prepareCreate)).toBe(message);
  });

  it('an image is no link, but the directory of images may be one', async () => {
    const context = host();
    context.hypervisor.links.set(IMAGE, '/etc/shadow');
    expect(await told(context)).toBe(
      `${IMAGE} leads to /etc/shadow through a link: give the path of the image itself`,
    );
    context.hypervisor.links.set('/images', '/data').set(IMAGE, '/data/base.qcow2');
    expect(await told(context)).toBeUndefined();
  });

  it('an image is no link to where the user may not look, such as the directory of a VM', async () => {
    const context = host();
    context.hypervisor.local = here('EACCES');
    context.hypervisor.realPath = async (path) => (path === IMAGE ? undefined : path);
    expect(await told(context)).toBe(
      `${IMAGE} leads through a link to where you may not look: give the path of the image itself`,
    );
  });

  it('nobody can tell links in a directory that the user may not pass through', async () => {
    const context = host();
    const local = here('EACCES');
    const look: LocalFacts['look'] = async (path) => (path === '/images/.' ? 'EACCES' : local.look(path));
    context.hypervisor.local = { ...local, look };
    context.hypervisor.realPath = async (path) => (path === IMAGE ? undefined : path);
    expect(await linksUntold(context)).toStrictEqual(['you may not pass through /images']);
    context.hypervisor.realPath = async (path) => path;
    expect(await linksUntold(context)).toStrictEqual([]);
  });

  it('the bytes are those of the file, and no volume is read', async () => {
    const context = host();
    context.hypervisor.local = here({ ...LOOK, head: overlay() });
    expect(await told(context)).toBe(
      `${IMAGE} is itself an overlay on /a/secret: a base image must stand alone`,
    );
    expect(context.hypervisor.calls).not.toContain('Volume.head');
  });

  it.each([
    ['EACCES', false],
    ['ENOENT', true],
  ])('an image of a session that cannot be looked at, %s, may be there', async (code, isAbsent) => {
    const context = host();
    context.hypervisor.addDirectory('/images', 'other.qcow2');
    Object.assign(context.hypervisor, { isSession: true, local: here(code) });
    expect(await told(context)).toBe(
      isAbsent
        ? `${IMAGE} does not exist on the hypervisor (there: other.qcow2)`
        : `${IMAGE} is not there, or not readable for you`,
    );
    context.hypervisor.local = undefined;
    expect(await told(context)).toBe(`${IMAGE} is not there, or not readable for you (there: other.qcow2)`);
  });

  it('an image that plow may not read is there all the same', async () => {
    const context = host();
    context.hypervisor.local = here('EACCES');
    context.hypervisor.isReadOnly = true;
    expect(await told(context, {}, prepareCreate)).toBeUndefined();
    expect(context.progress.lines).toContain(
      `note: the image ${IMAGE} was not looked at: no pool shows /images`,
    );
  });

  it('libvirt reads an image that plow may not', async () => {
    const context = host();
    context.hypervisor.local = here('EACCES');
    context.hypervisor.contents.set(IMAGE, overlay());
    expect(await told(context)).toContain('is itself an overlay on /a/secret');
  });
});

describe('who else may change an image', () => {
  it.each([
    ['the file', IMAGE, '0666', 0, `chmod go-w ${IMAGE}`],
    ['the file, by its owner', IMAGE, '0644', 1000, `chown root: ${IMAGE}`],
    ['the file, in both ways', IMAGE, '0664', 1000, `chown root: ${IMAGE} && chmod go-w ${IMAGE}`],
    ['its directory', '/images', '0777', 0, 'chmod go-w /images'],
    ['its directory, though it is sticky', '/images', '1777', 0, 'chmod go-w /images'],
    ["its directory, which is QEMU's", '/images', '0755', 64_055, 'chown root: /images'],
    ["its directory, which root's group may write to", '/images', '0775', 0, 'chmod go-w /images'],
  ])('is told, with what repairs it: %s', async (_, path, mode, owner, repair) => {
    const context = host({ storagePath: '/vms' });
    context.hypervisor.addDirectory('/vms');
    context.hypervisor.modes.set(path, mode);
    context.hypervisor.owners.set(path, owner);
    const text = `users other than root may change ${path} (it has mode ${mode}, owner ${owner}, group ${owner}): ${repair}`;
    expect(String(await told(context)).split('\n')[0]).toBe(text);
    expect(String(await told(context, { image: IMAGE, format: 'raw' })).split('\n')[0]).toBe(text);
  });

  it('is told once of a directory that the storage path is as well', async () => {
    const context = host();
    context.hypervisor.modes.set('/images', '0777');
    expect(await told(context)).toBe(
      'users other than root may change what is in /images (it has mode 0777, owner 0, group 0): chmod go-w /images, or give another with --storage-path',
    );
  });

  it.each([
    ['root', '0644', 0],
    ["root's group", '0664', 0],
    ["QEMU's user, to whom libvirt gave it", '0660', 64_055],
  ])('is not told of %s', async (_, mode, owner) => {
    const context = host();
    context.hypervisor.modes.set(IMAGE, mode).set('/images', '0711');
    context.hypervisor.owners.set(IMAGE, owner);
    expect(await told(context)).toBeUndefined();
  });
});

describe("what QEMU's user may not read", () => {
  it('is given to no VM by a copy either', async () => {
    const context = host();
    context.hypervisor.modes.set(RAW.image, '0600');
    expect(await told(context, RAW)).toBe(
      `${RAW.image} cannot be read by QEMU's user (uid 64055; the file has mode 0600, owner 0, group 0): chmod o+r ${RAW.image}`,
    );
  });

  it('is copied elsewhere where it is at home, and no home is opened for it', async () => {
    const context = host({ imageDirs: { value: ['/home/me/my images'], from: 'default' } });
    context.hypervisor.addDirectory('/home/me/my images', 'a.qcow2');
    for (const [path, mode] of [
      ['/home', '0755'],
      ['/home/me', '0700'],
      ['/home/me/my images', '0755'],
    ] as const) {
      if (path !== '/home/me/my images') context.hypervisor.addDirectory(path);
      context.hypervisor.modes.set(path, mode);
    }
    expect(await told(context, { image: '/home/me/my images/a.qcow2' })).toBe(
      "QEMU's user (uid 64055) may not pass through /home/me (it has mode 0700, owner 0, group 0): copy the image, install -m 0644 '/home/me/my images/a.qcow2' /images/a.qcow2, and give that",
    );
  });
});

describe('an image that changes between check and use', () => {
  it.each([
    ['an overlay', 'qcow2', `${IMAGE} is itself an overlay on /a/secret: a base image must stand alone`],
    ['a copy', 'raw', `${IMAGE} is itself an overlay on /a/secret: a base image must stand alone`],
  ] as const)('is judged again for %s', async (_, format, problem) => {
    const context = host();
    context.hypervisor.fault = (call) => {
      if (call === 'defineDomain') context.hypervisor.contents.set(IMAGE, overlay());
      return undefined;
    };
    const error = await told(context, { image: IMAGE, format });
    expect(error).toBe(`the image has changed since it was looked at: ${problem}`);
    expect(context.hypervisor.calls).not.toContain('createVolume');
    expect(context.hypervisor.calls).not.toContain('cloneVolume');
  });

  it.each([
    [
      'its owner',
      (context: TestContext) => context.hypervisor.owners.set(IMAGE, 1000),
      'users other than root may change',
    ],
    [
      'its place, by a link',
      (context: TestContext) => context.hypervisor.links.set(IMAGE, '/etc/shadow'),
      'leads to /etc/shadow through a link',
    ],
    [
      'its format',
      (context: TestContext) => {
        context.hypervisor.directories.get('/images')?.set('base.img', `raw ${GIB}`);
        context.hypervisor.contents.set('/images/base.img', headOf('raw 512'));
      },
      'was qcow2, and is raw',
    ],
    [
      'all of it',
      (context: TestContext) => {
        context.hypervisor.directories.get('/images')?.delete('base.img');
        context.hypervisor.directories.get('/images')?.delete('base.qcow2');
        for (const pool of context.hypervisor.pools.values()) pool.known.delete('base.qcow2');
      },
      'has gone away',
    ],
  ])('is told of %s', async (what, change, problem) => {
    const context = host();
    const image = what === 'its format' ? '/images/base.img' : IMAGE;
    context.hypervisor.directories.get('/images')?.set('base.img', `qcow2 ${GIB}`);
    context.hypervisor.modes.set(IMAGE, '0644');
    context.hypervisor.fault = (call) => {
      if (call === 'defineDomain') change(context);
      return undefined;
    };
    const error = await thrownBy(
      createVm(loaded(minimalMachine({ bootDisk: bootDisk({ image, format: 'raw' }) })), context),
    );
    expect(error).toMatchObject({ kind: 'storage', message: expect.stringContaining(problem) as string });
  });
});

describe('a look that changes nothing', () => {
  it('from another machine says that libvirt tells no links', async () => {
    expect(await linksUntold(host())).toStrictEqual(['libvirt does not tell links of another machine']);
  });

  it('from another machine says that it saw no bytes, and refuses what libvirt knows to be an overlay', async () => {
    const context = host();
    context.hypervisor.isReadOnly = true;
    context.hypervisor.addPool('default', '/images', { active: true });
    expect(await told(context, {}, prepareCreate)).toBeUndefined();
    expect(context.progress.lines).toContain(
      `note: the image ${IMAGE} was not looked at: a read-only connection does not show its first bytes`,
    );
    context.hypervisor.backing.set(IMAGE, '/a/secret');
    expect(await told(context, {}, prepareCreate)).toBe(
      `${IMAGE} is itself an overlay on /a/secret: a base image must stand alone`,
    );
  });
});

function withLeftover(): TestContext {
  const context = host();
  context.hypervisor.addDirectory('/images/my-vm', 'boot.qcow2', 'notes.txt');
  context.hypervisor.directories.get('/images')?.set('my-vm', 'dir 0');
  return context;
}

describe('a file in the place of one that create would make', () => {
  const leftover =
    "boot.qcow2 already exists in the VM's directory, and plow overwrites nothing: move /images/my-vm/boot.qcow2 away if it is not needed, or choose another name for the VM";
  const ofOther = "/images/my-vm/boot.qcow2 is in use by VM 'db': choose another name for this one";

  it('is told before anything is made, and whose disk it is', async () => {
    const context = withLeftover();
    expect(await told(context)).toBe(leftover);
    context.hypervisor.addDomain('db', owning(disk("<source file='/images/my-vm/boot.qcow2'/>")), 'shut off');
    expect(await told(context)).toBe(ofOther);
  });

  it('is of a create that has taken the name meanwhile, where there is one now', async () => {
    const context = withLeftover();
    context.hypervisor.fault = (call) => {
      if (call === 'findPoolByPath') context.hypervisor.addDomain('my-vm', owning(''), 'shut off');
      return undefined;
    };
    const error = await thrownBy(
      createVm(loaded(minimalMachine({ bootDisk: bootDisk({ image: IMAGE }) })), context),
    );
    expect(error).toMatchObject({
      kind: 'validation',
      message: expect.stringContaining("name: VM 'my-vm' already exists") as string,
    });
  });

  it('is told by a look that changes nothing, where a pool shows it', async () => {
    const context = withLeftover();
    context.hypervisor.isReadOnly = true;
    context.hypervisor.addPool('default', '/images', { active: true });
    context.hypervisor.directories.get('/images')?.set('my-vm', 'dir 0');
    context.hypervisor.pools.get('default')?.known.add('my-vm');
    expect(await told(context, {}, prepareCreate)).toBeUndefined();
    expect(context.progress.lines).toContain('note: /images/my-vm was not looked at: no pool shows it');
    context.hypervisor.addPool('own', '/images/my-vm', { active: true });
    expect(await told(context, {}, prepareCreate)).toBe(leftover);
  });

  it('is told by who may pass through the directory but not read it, through a pool', async () => {
    const context = withLeftover();
    const local = here(LOOK);
    const own: LocalEntry = { ...LOOK, type: 'dir', mode: 0o710, group: 64_055 };
    context.hypervisor.local = {
      ...local,
      look: async (path) => (path === '/images/my-vm' ? own : local.look(path)),
      names: async () => undefined,
    };
    expect(await told(context)).toBe(leftover);
    context.hypervisor.isReadOnly = true;
    expect(await told(context, {}, prepareCreate)).toBeUndefined();
    expect(context.progress.lines).toContain('note: /images/my-vm was not looked at: no pool shows it');
  });

  it.each(['boot.qcow2', 'boot.raw'])('is told too where it comes later: %s', async (name) => {
    const context = host();
    context.hypervisor.fault = (call) => {
      if (call !== 'defineDomain') return undefined;
      context.hypervisor.addDirectory('/images/my-vm', name);
      context.hypervisor.addDomain('db', owning(disk(`<source file='/images/my-vm/${name}'/>`)), 'shut off');
      return undefined;
    };
    const format = name === 'boot.raw' ? 'raw' : 'qcow2';
    const error = await thrownBy(
      createVm(loaded(minimalMachine({ bootDisk: bootDisk({ format }) })), context),
    );
    expect(error).toMatchObject({
      message: `/images/my-vm/${name} is in use by VM 'db'`,
      hint: 'choose another name for this one',
    });
  });
});
