import { readCapabilities } from '../../../../src/libvirt-xml/read/capabilities.ts';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import type { BaseImage } from '../../../../src/vm/image/check.ts';
import { inspectStoragePath } from '../../../../src/vm/create/check-storage-path.ts';
import { makeStoragePath } from '../../../../src/vm/storage/make-storage-path.ts';
import type { LocalEntry } from '../../../../src/hypervisor/local.ts';
import { machine as localFacts } from '../doctor/look.ts';
import { bootDisk, fullMachine, minimalMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { inspectionOf } from '../inspection.ts';

const MIB = 2 ** 20;
const HOST = { ...readCapabilities('<capabilities/>'), qemuUser: { uid: 64_055, gid: 64_055 } };
const RAW = minimalMachine({ bootDisk: bootDisk({ sizeGib: 10, image: '/base.qcow2', format: 'raw' }) });
const IMAGE: BaseImage = {
  format: 'qcow2',
  allocationBytes: 7 * MIB,
  check: () => Promise.reject(new Error('nobody uses it yet')),
  withVolume: () => Promise.reject(new Error('nobody copies it yet')),
};

/** A host whose storage path has that much room. */
function withRoom(available?: number): TestContext {
  const context = testContext();
  context.hypervisor.addDirectory('/images');
  if (available !== undefined) context.hypervisor.available.set('/images', available);
  return context;
}

const complain = (): never => {
  throw new Error('the file is not at fault');
};

function inspect(
  machine: Machine,
  context: TestContext,
  baseImage: BaseImage | undefined = IMAGE,
): Promise<readonly string[]> {
  return inspectStoragePath(machine, baseImage, { ...inspectionOf(context), host: HOST, report: complain });
}

function full(free: string, needed: string): string {
  return `the file system of /images has ${free} free, and this VM takes ${needed} from the start: free some, or give another with --storage-path`;
}

describe('the room on the storage path', () => {
  it.each([
    ['a boot disk and a seed', minimalMachine(), 1],
    ['two data disks as well', fullMachine(), 2],
    ['a raw boot disk, a full copy of its image', RAW, 8],
  ])('suffices for %s, to the byte', async (_, machine, needed) => {
    expect(await inspect(machine, withRoom(needed * MIB))).toStrictEqual([]);
    const [problem, ...more] = await inspect(machine, withRoom(needed * MIB - 1));
    expect(problem).toMatch(/^the file system of \/images has .* free, and this VM takes /u);
    expect(problem).toContain(`this VM takes ${needed * 1024} KiB from the start`);
    expect(more).toStrictEqual([]);
  });

  it('is told with its figures', async () => {
    expect(await inspect(RAW, withRoom(3 * MIB))).toStrictEqual([full('3072 KiB', '8192 KiB')]);
    expect(await inspect(fullMachine(), withRoom(0))).toStrictEqual([full('0 KiB', '2048 KiB')]);
  });

  it('is not held against a file system that does not count it', async () => {
    expect(await inspect(RAW, withRoom())).toStrictEqual([]);
  });

  it('is for the disks alone where the image is not known', async () => {
    const empty = minimalMachine({ bootDisk: bootDisk({ sizeGib: 10, image: undefined, format: 'raw' }) });
    const inspection = { ...inspectionOf(withRoom(MIB)), host: HOST, complain };
    expect(await inspectStoragePath(empty, undefined, inspection)).toStrictEqual([]);
  });
});

describe('the storage path', () => {
  it('is told with all that is wrong with it', async () => {
    const context = withRoom(0);
    context.hypervisor.modes.set('/images', '0700');
    context.hypervisor.withoutDirectIo.add('/images');
    expect(await inspect(minimalMachine(), context)).toStrictEqual([
      "QEMU's user (uid 64055) may not pass through /images (it has mode 0700, owner 0, group 0): chmod o+x /images",
      full('0 KiB', '1024 KiB'),
      'the file system of /images does no direct I/O (O_DIRECT), which the disks of a VM need: use another (ext4, XFS, Btrfs, NFS; not tmpfs or ramfs), or cache: writeback',
    ]);
  });

  it('may be read-only', async () => {
    const context = withRoom();
    context.hypervisor.readOnly.add('/images');
    expect(await inspect(minimalMachine(), context)).toStrictEqual([
      'the file system of /images is read-only: mount -o remount,rw /images, or give another with --storage-path',
    ]);
  });

  it.each([
    ['0710 0 64055', undefined],
    [
      '0700',
      "QEMU's user (uid 64055) may not pass through /images/my-vm (it has mode 0700, owner 0, group 0): chgrp 64055 /images/my-vm && chmod 0710 /images/my-vm",
    ],
    [
      '0711',
      'other users may pass through /images/my-vm (it has mode 0711, owner 0, group 0) and open the disks while they are made: chgrp 64055 /images/my-vm && chmod 0710 /images/my-vm',
    ],
    [
      '0710 1000 64055',
      'users other than root may change what is in /images/my-vm, which is there already (it has mode 0710, owner 1000, group 64055): remove it, or choose another name for the VM',
    ],
    [
      '0730 0 64055',
      'users other than root may change what is in /images/my-vm, which is there already (it has mode 0730, owner 0, group 64055): remove it, or choose another name for the VM',
    ],
  ])('may hold a directory of the VM: %s', async (access, problem) => {
    const context = withRoom();
    context.hypervisor.directories.get('/images')?.set('my-vm', 'dir 0');
    context.hypervisor.modes.set('/images/my-vm', access);
    expect(await inspect(minimalMachine(), context)).toStrictEqual(problem === undefined ? [] : [problem]);
  });

  it('may hold a link in place of the directory of the VM', async () => {
    const context = withRoom();
    context.hypervisor.directories.get('/images')?.set('my-vm', 'dir 0');
    context.hypervisor.links.set('/images/my-vm', '/srv/elsewhere');
    expect(await inspect(minimalMachine(), context)).toStrictEqual([
      '/images/my-vm is a link, and a VM needs a directory of its own: remove the link, or choose another name for the VM',
    ]);
  });

  it.each([
    ['1777 0 0', 'chmod go-w /images'],
    ['0771 0 0', 'chmod go-w /images'],
    ['0711 64055 64055', 'chown root: /images && chmod go-w /images'],
  ])('of mode, owner and group %s is refused, as others may change it', async (access, repair) => {
    const context = withRoom();
    context.hypervisor.modes.set('/images', access);
    const [mode, owner, group] = access.split(' ');
    expect(await inspect(minimalMachine(), context)).toStrictEqual([
      `users other than root may change what is in /images (it has mode ${mode}, owner ${owner}, group ${group}): ${repair}, or give another with --storage-path`,
    ]);
  });

  it.each(['0755', '0711', '0710 0 64055'])('of mode %s is taken', async (access) => {
    const context = withRoom();
    context.hypervisor.modes.set('/images', access);
    expect(await inspect(minimalMachine(), context)).toStrictEqual([]);
  });

  it('that is not there is told with the command that makes it', async () => {
    const context = testContext({ storagePath: '/my vms' });
    expect(await inspect(minimalMachine(), context)).toStrictEqual([
      "the storage path /my vms does not exist on the hypervisor: install -d -m 0711 '/my vms', or give another with --storage-path",
    ]);
  });

  it('may be a file', async () => {
    const context = withRoom();
    context.hypervisor.fault = (call) => (call === 'startPool' ? 'not-a-directory' : undefined);
    expect(await inspect(minimalMachine(), context)).toStrictEqual([
      'the storage path /images is not a directory: give another with --storage-path',
    ]);
  });

  it('that cannot be looked at is an error', async () => {
    const context = withRoom();
    context.hypervisor.fault = (call) => (call === 'startPool' ? 'other' : undefined);
    await expect(inspect(minimalMachine(), context)).rejects.toMatchObject({
      kind: 'storage',
      message: 'cannot look at the storage path /images',
    });
  });
});

describe('a default storage path of a session that is missing', () => {
  const HOME: LocalEntry = {
    type: 'dir',
    mode: 0o700,
    owner: 1000,
    group: 1000,
    bytes: 0,
    takenBytes: 0,
    availableBytes: 2 * MIB,
    head: new Uint8Array(),
  };

  /** Nothing but a home is there. */
  function session(availableBytes = HOME.availableBytes): TestContext {
    const context = testContext({ storagePath: '/home/al/.local/images', makesStoragePath: true });
    const look = async (path: string): Promise<LocalEntry | string> =>
      path === '/home/al' ? { ...HOME, availableBytes } : path === '/proc/self' ? HOME : 'ENOENT';
    const local = { ...localFacts({}), look };
    return Object.assign(context, {
      hypervisor: Object.assign(context.hypervisor, { isSession: true, local }),
    });
  }

  it('is to be made where there is room', async () => {
    expect(await inspect(minimalMachine(), session())).toStrictEqual([]);
    expect(await inspect(minimalMachine(), session(0))).toStrictEqual([
      'the file system of /home/al has 0 KiB free, and this VM takes 1024 KiB from the start: free some, or give another with --storage-path',
    ]);
  });

  it('is to be made on a file system that suits the disks', async () => {
    const context = session();
    context.hypervisor.withoutDirectIo.add('/home/al');
    expect(await inspect(minimalMachine(), context)).toStrictEqual([
      'the file system of /home/al does no direct I/O (O_DIRECT), which the disks of a VM need: use another (ext4, XFS, Btrfs, NFS; not tmpfs or ramfs), or cache: writeback',
    ]);
  });

  it('is made for nobody but the user, once, and stays', async () => {
    const context = session();
    await makeStoragePath(context);
    expect(context.hypervisor.directories.has('/home/al/.local/images')).toBe(true);
    expect(context.hypervisor.pools.size).toBe(0);
    expect(context.hypervisor.calls).toContain('startPool with build');
    const named = session();
    await makeStoragePath({ ...named, makesStoragePath: false });
    expect(named.hypervisor.calls).toStrictEqual([]);
  });
});
