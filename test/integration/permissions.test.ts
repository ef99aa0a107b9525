import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { PLOW, useHost } from './support.ts';
import { created, IMAGES, vm } from './vms.ts';

const host = useHost();

const STARTED = "Creating VM 'web'...\n";
/** On a file system of its own. */
const TREE = `${IMAGES}/tree`;
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
    ['the storage path', 'chmod 0700 in/vms', `${TREE}/in/vms`],
    ['a directory above it', 'chmod 0700 in', `${TREE}/in`],
    ['the top of the tree', 'chmod 0700 .', TREE],
    ['what a link in it leads to', 'mv in real; ln -s real in; chmod 0700 real', `${TREE}/in`],
  ])('QEMU may not pass through %s, until the command told is run', async (_, change, directory) => {
    const file = await host().write(vm());
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

  // Without times: a directory that a create came and went in has another one, and the minute may have turned.
  const WHO_MAY = `find ${TREE} -printf '%M %u %g %s %P\\n' | sort`;

  it.each([
    ['an image of mode 0640', 'chmod 0640 in/base.qcow2', `chown root:libvirt-qemu ${IMAGE}`],
    ['a directory of mode 0710', 'chmod 0710 in', `chown root:libvirt-qemu ${TREE}/in`],
  ])('but with %s, which an ACL or a further group may open, libvirt has the last word', async (...row) => {
    const [, change, repaired] = row;
    const file = await host().write(vm(onImage(IMAGE)));
    await withTree(change, async () => {
      const before = [await host().census(), await host().sh(WHO_MAY)];
      expect(await inTree(file)).toEqual({
        code: 4,
        stdout: `${STARTED}✓ Configuration validated\n✓ Storage created (1 GB boot)\n✓ Domain defined\n`,
        stderr: expect.stringMatching(
          /^error: cannot start VM 'web'\ndetail: .*Permission denied\nhint: QEMU's user may not open .*(?:boot|base)\.qcow2, .*\n$/u,
        ) as unknown,
      });
      expect([await host().census(), await host().sh(WHO_MAY)]).toEqual(before);
      await host().sh(repaired);
      expect(await inTree(file)).toEqual({ code: 0, stdout: created('web'), stderr: '' });
      await host().discard('web');
    });
  });

  it('a file in the middle of the storage path', async () => {
    const file = await host().write(vm());
    expect(await host().plow(['--storage-path', '/etc/hostname/vms', 'create', file])).toEqual({
      code: 5,
      stdout: STARTED,
      stderr:
        'error: the storage path /etc/hostname/vms is not a directory: give another with --storage-path\n',
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
  return `the file system of ${directory} does no direct I/O (O_DIRECT), which the disks of a VM need: use another (ext4, XFS, Btrfs, NFS; not tmpfs or ramfs), or cache: writeback`;
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
    ['qcow2', '1M', '1024 KiB free, and this VM takes 1536 KiB from the start'],
    ['raw', '3M', '3072 KiB free, and this VM takes 6656 KiB from the start'],
  ])('that is full is refused, disk format %s', async (format, size, figures) => {
    const image = `${IMAGES}/large.raw`;
    await host().sh(`head -c 5M /dev/zero | tr '\\0' x > ${image}
      printf '\\125\\252' | dd of=${image} bs=1 seek=510 conv=notrunc status=none`);
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
  const closed = `QEMU's user (uid 64055) may not pass through ${TREE}/in (it has mode 0700, owner 0, group 0): chmod o+x ${TREE}/in`;

  it.each([
    ['vms', 'chmod 0700 in', [`:5:10: ${IMAGE_KEY}: ${closed}`, closed]],
    [
      'no',
      'true',
      [
        `the storage path ${TREE}/in/no does not exist on the hypervisor: install -d -m 0711 ${TREE}/in/no, or give another with --storage-path`,
      ],
    ],
  ])('the same is told, through libvirt: %s', async (path, change, told) => {
    const file = await host().write(vm(onImage(IMAGE)));
    const result = await withTree(change, async () => {
      const [node = 'node', ...plow] = PLOW;
      const flags = ['-c', host().lab.uri('h1'), '--storage-path', `${TREE}/in/${path}`];
      const child = spawn(node, [...plow, ...flags, 'create', file], { env: {} });
      const ended = once(child, 'close');
      return { stderr: await text(child.stderr), code: (await ended)[0] as unknown };
    });
    const lines = told.map((line) => `error: ${line.replace(/^:/u, `${file}:`)}\n`);
    expect(result).toEqual({ code: told.length === 2 ? 2 : 5, stderr: lines.join('') });
  });
});
