import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { PLOW, useHost } from './support.ts';
import { created, IMAGES, vm } from './vms.ts';

const host = useHost();

const STARTED = "Creating VM 'web'...\n";
/** Private to the host, on a file system of its own. */
const TREE = '/run/tree';
const IMAGE = `${TREE}/in/base.qcow2`;
const IMAGE_KEY = 'boot_disk.image';

function onImage(image: string): object {
  return { boot_disk: { image, size_gb: 1 } };
}

/** A tree with a storage path and an image, which `change` makes unusable. */
async function withTree<T>(
  change: string,
  work: () => Promise<T>,
  mount = '-t tmpfs -o mode=755',
): Promise<T> {
  await host().sh(`mkdir ${TREE}; mount ${mount} tree ${TREE}; mkdir -p -m 755 ${TREE}/in/vms
    cp ${IMAGES}/tiny.qcow2 ${IMAGE}; cd ${TREE}; ${change}`);
  try {
    return await work();
  } finally {
    await host().sh(`umount ${TREE}; rmdir ${TREE}`);
  }
}

const inTree = (file: string): Promise<{ code: number; stdout: string; stderr: string }> =>
  host().plow(['--storage-path', `${TREE}/in/vms`, 'create', file]);

/** The command at the end of an error line. */
function repair(stderr: string): string {
  return /: (?<command>chmod .*)$/mu.exec(stderr)?.groups?.['command'] ?? 'false';
}

describe('what keeps QEMU from a VM is told before anything is made', () => {
  it.each([
    ['the storage path', 'chmod 0700 in/vms', `${TREE}/in/vms`, {}],
    ['a directory above it', 'chmod 0700 in', `${TREE}/in`, {}],
    ['the top of the tree', 'chmod 0700 .', TREE, {}],
  ])('QEMU may not pass through %s, until the command told is run', async (_, change, directory, changes) => {
    const file = await host().write(vm(changes));
    await withTree(change, async () => {
      const refused = await inTree(file);
      expect(refused).toEqual({
        code: 5,
        stdout: STARTED,
        stderr: `error: QEMU's user (uid 64055) may not pass through ${directory} (it has mode 0700, owner 0, group 0): chmod o+x ${directory}\n`,
      });
      await host().sh(repair(refused.stderr));
      expect(await inTree(file)).toEqual({ code: 0, stdout: created('web'), stderr: '' });
      await host().discard('web');
    });
  });

  it.each([
    [
      'pass through its directory',
      'chmod 0700 in',
      `QEMU's user (uid 64055) may not pass through ${TREE}/in (it has mode 0700, owner 0, group 0): chmod o+x ${TREE}/in`,
    ],
    [
      'read it',
      'chmod 0600 in/base.qcow2',
      `${IMAGE} cannot be read by QEMU's user (uid 64055; the file has mode 0600, owner 0, group 0): chmod o+r ${IMAGE}`,
    ],
  ])('an image of which QEMU may not %s, until the command told is run', async (_, change, problem) => {
    const file = await host().write(vm(onImage(IMAGE)));
    await withTree(change, async () => {
      const refused = await host().plow(['create', file]);
      expect(refused).toEqual({
        code: 2,
        stdout: STARTED,
        stderr: `error: ${file}:5:10: ${IMAGE_KEY}: ${problem}\n`,
      });
      await host().sh(repair(refused.stderr));
      expect(await host().plow(['create', file])).toEqual({ code: 0, stdout: created('web'), stderr: '' });
      await host().discard('web');
    });
  });

  it('but where an ACL or a further group may allow it, libvirt has the last word', async () => {
    const file = await host().write(vm(onImage(IMAGE)));
    await withTree('chmod 0640 in/base.qcow2', async () => {
      const result = await host().plow(['create', file]);
      expect(result).toMatchObject({
        code: 4,
        stderr: expect.stringContaining('error: cannot start VM') as unknown,
      });
      await host().sh(`chown root:libvirt-qemu ${IMAGE}`);
      expect(await host().plow(['create', file])).toMatchObject({ code: 0, stderr: '' });
      await host().discard('web');
    });
  });

  it.each([
    [
      '/no/such',
      ' does not exist on the hypervisor: install -d -m 0711 /no/such, or give another with --storage-path',
    ],
    ['/etc/hostname', ' is not a directory'],
    ['/etc/hostname/vms', ' is not a directory'],
  ])('the storage path %s', async (path, problem) => {
    const file = await host().write(vm());
    expect(await host().plow(['--storage-path', path, 'create', file])).toEqual({
      code: 5,
      stdout: STARTED,
      stderr: `error: the storage path ${path}${problem}\n`,
    });
  });

  it('all of it at once', async () => {
    const file = await host().write(vm({ ...onImage('/no/such/a.raw'), virt_type: 'kvm' }));
    expect(await host().plow(['--storage-path', '/no/such', 'create', file])).toEqual({
      code: 2,
      stdout: STARTED,
      stderr: [
        `error: ${file}:12:12: virt_type: this hypervisor cannot run x86_64 guests as 'kvm'`,
        `error: ${file}:5:10: ${IMAGE_KEY}: /no/such/a.raw is not there: the hypervisor has no directory /no/such`,
        'error: the storage path /no/such does not exist on the hypervisor: install -d -m 0711 /no/such, or give another with --storage-path\n',
      ].join('\n'),
    });
  });
});

function needsDirectIo(directory: string): string {
  return `the file system of ${directory} does no direct I/O (O_DIRECT), which the disks of a VM need: use another (ext4, XFS, Btrfs, NFS; not tmpfs or ramfs)`;
}

describe('a file system', () => {
  it('without direct I/O is refused for disks and for images', async () => {
    const file = await host().write(vm(onImage(IMAGE)));
    await withTree(
      'chmod 755 .',
      async () => {
        expect(await inTree(file)).toEqual({
          code: 2,
          stdout: STARTED,
          stderr: `error: ${file}:5:10: ${IMAGE_KEY}: ${needsDirectIo(`${TREE}/in`)}\nerror: ${needsDirectIo(`${TREE}/in/vms`)}\n`,
        });
      },
      '-t ramfs',
    );
  });

  it.each([
    ['qcow2', '1M', '1 MiB free, and this VM takes 2 MiB from the start'],
    ['raw', '3M', '3 MiB free, and this VM takes 7 MiB from the start'],
  ])('that is full is refused, disk format %s', async (format, size, figures) => {
    const image = `${IMAGES}/large.raw`;
    await host().sh(`head -c 5M /dev/zero | tr '\\0' x > ${image}`);
    const disks = { boot_disk: { image, size_gb: 1, format }, data_disks: [{ device: 'vdb', size_gb: 1 }] };
    const file = await host().write(vm(disks));
    const mount = `-t tmpfs -o mode=755,size=${size}`;
    const result = await withTree('rm in/base.qcow2', () => inTree(file), mount);
    await host().sh(`rm ${image}`);
    expect(result).toEqual({
      code: 5,
      stdout: STARTED,
      stderr: `error: the file system of ${TREE}/in/vms has ${figures}: free some, or give another with --storage-path\n`,
    });
  });
});

describe('from another machine', () => {
  it('the same is told, through libvirt', async () => {
    const file = await host().write(vm(onImage(IMAGE)));
    const { code, stderr } = await withTree('chmod 0700 in', async () => {
      const [node = 'node', ...plow] = PLOW;
      const child = spawn(node, [...plow, '-c', host().lab.uri('h1'), 'create', file], { env: {} });
      const closed = once(child, 'close');
      return { stderr: await text(child.stderr), code: (await closed)[0] as unknown };
    });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: ${file}:5:10: ${IMAGE_KEY}: QEMU's user (uid 64055) may not pass through ${TREE}/in (it has mode 0700, owner 0, group 0): chmod o+x ${TREE}/in\n`,
    });
  });
});
