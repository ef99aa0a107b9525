import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/config/machine.ts';
import type { BaseImage } from '../../../src/vm/base-image.ts';
import { LentDirectories } from '../../../src/vm/lent-directories.ts';
import type { Inspection } from '../../../src/vm/inspection.ts';
import { inspectStoragePath } from '../../../src/vm/inspect-storage-path.ts';
import { bootDisk, fullMachine, minimalMachine } from '../machines.ts';
import { testContext } from './context.ts';
import type { TestContext } from './context.ts';

const MIB = 2 ** 20;
const HOST = {
  virtTypes: [],
  machines: new Map<string, number>(),
  qemuUser: { uid: 64_055, gid: 64_055 },
} as const;
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
  const directories = new LentDirectories(context);
  const documents = (): ReturnType<Inspection['documents']> => context.hypervisor.domainDocuments();
  return inspectStoragePath(machine, baseImage, { context, directories, documents, host: HOST, complain });
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
    const context = withRoom(MIB);
    const directories = new LentDirectories(context);
    const documents = (): ReturnType<Inspection['documents']> => context.hypervisor.domainDocuments();
    const inspection = { context, directories, documents, host: HOST, complain };
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

  it('may hold a directory of the VM that QEMU may not pass through', async () => {
    const context = withRoom();
    context.hypervisor.directories.get('/images')?.set('my-vm', 'dir 0');
    context.hypervisor.modes.set('/images/my-vm', '0700');
    expect(await inspect(minimalMachine(), context)).toStrictEqual([
      "QEMU's user (uid 64055) may not pass through /images/my-vm (it has mode 0700, owner 0, group 0): chmod o+x /images/my-vm",
    ]);
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
