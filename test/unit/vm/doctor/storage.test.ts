import { describe, expect, it } from 'vitest';
import { checkDirectIo, checkStoragePath } from '../../../../src/vm/doctor/storage.ts';
import { checkSpace } from '../../../../src/vm/doctor/space.ts';
import { checkVmDirectories } from '../../../../src/vm/doctor/vm-directories.ts';
import type { FileSystemFlaw } from '../../../../src/hypervisor/local.ts';
import type { DiskUsage } from '../../../../src/hypervisor/storage.ts';
import type { FakeHypervisor } from '../fake-hypervisor.ts';
import { host, look, machine } from './look.ts';

const GIB = 2 ** 30;

function disk(domain: string, path: string, capacity: number, taken: number): DiskUsage {
  return { domain, path, capacityBytes: capacity * GIB, takenBytes: taken * GIB };
}

describe('the storage path', () => {
  it.each<[string, string, (hypervisor: FakeHypervisor) => void, string]>([
    [
      'that is well',
      '/images',
      () => {},
      "ok: /images is a directory, and QEMU's user (uid 64055) may pass through",
    ],
    [
      'where QEMU has no user of its own',
      '/images',
      (hypervisor) => (hypervisor.secmodels = ''),
      'ok: /images is a directory',
    ],
    [
      'that is not there',
      '/my vms',
      (hypervisor) => hypervisor.directories.clear(),
      "failure: the storage path /my vms does not exist on the hypervisor → install -d -m 0711 '/my vms'",
    ],
    [
      'that is a file',
      '/images',
      (hypervisor) => (hypervisor.fault = (call) => (call === 'startPool' ? 'not-a-directory' : undefined)),
      'failure: the storage path /images is not a directory → give another with --storage-path',
    ],
    [
      'below a directory of root alone',
      '/root/vms',
      (hypervisor) => {
        hypervisor.addDirectory('/root');
        hypervisor.modes.set('/root', '0700');
      },
      "failure: QEMU's user (uid 64055) may not pass through /root (it has mode 0700, owner 0, group 0) → chmod o+x /root",
    ],
    [
      'that others may change',
      '/images',
      (hypervisor) => hypervisor.modes.set('/images', '1777'),
      'failure: users other than root may change what is in /images (it has mode 1777, owner 0, group 0) → chmod go-w /images, or give another with --storage-path',
    ],
  ])('%s', async (_, path, change, found) => {
    const context = host(change, path);
    expect(await look(checkStoragePath, context)).toStrictEqual([found]);
    expect(context.hypervisor.pools.size).toBe(0);
  });

  it('that cannot be looked at is an error', async () => {
    const context = host((hypervisor) => {
      hypervisor.fault = (call) => (call === 'startPool' ? 'other' : undefined);
    });
    await expect(look(checkStoragePath, context)).rejects.toThrow('startPool failed');
  });
});

describe('directories of VMs', () => {
  const MODES: Readonly<Record<string, string>> = {
    '/images/web': '0711',
    '/images/db': '0710',
    '/images/my db': '0755',
  };

  const access = (path: string): string =>
    `<mode>${MODES[path] ?? '0711'}</mode><owner>0</owner><group>0</group>`;

  function passable(names: readonly string[]): ReturnType<typeof host> {
    const context = host();
    context.hypervisor.disks = [
      ...names.map((name) => disk(name, `/images/${name}/boot.qcow2`, 1, 1)),
      disk('other', '/images/web/boot.qcow2', 1, 1),
    ];
    context.hypervisor.volumeDocuments = async (paths) => {
      expect(context.hypervisor.pools.size).toBe(1);
      return new Map(
        paths.map((path) => [
          path,
          `<volume type='dir'><target><permissions>${access(path)}</permissions></target></volume>`,
        ]),
      );
    };
    return context;
  }

  it('that others pass through are named, with the command that closes them', async () => {
    expect(await look(checkVmDirectories, passable(['web', 'db', 'my db']))).toStrictEqual([
      "warning: other users may pass through the directories of my db, web, and may have opened disks while they were made (a disk that is open stays so until that user's program ends) → chgrp 64055 '/images/my db' /images/web && chmod 0710 '/images/my db' /images/web",
    ]);
  });

  it('are named as far as a line goes', async () => {
    const [found] = await look(checkVmDirectories, passable(['a', 'b', 'c', 'd', 'e', 'f', 'g']));
    expect(found).toContain(' the directories of a, b, c, d, e and 2 more, ');
  });

  it('are no finding where all is well, or nothing can be told', async () => {
    expect(await look(checkVmDirectories, passable(['db']))).toStrictEqual([]);
    const session = passable(['web']);
    session.hypervisor.secmodels = '';
    expect(await look(checkVmDirectories, session)).toStrictEqual([]);
    const missing = passable(['web']);
    missing.hypervisor.directories.clear();
    expect(await look(checkVmDirectories, missing)).toStrictEqual([]);
  });
});

describe('direct I/O', () => {
  const ELSEWHERE = 'unknown: not checked: libvirt does not tell; run plow doctor on the hypervisor itself';

  it.each<[FileSystemFlaw | undefined, boolean, string]>([
    ['none', true, 'ok: the file system of /images does direct I/O'],
    [
      'read-only',
      true,
      'failure: the file system of /images is read-only → mount -o remount,rw /images, or give another with --storage-path',
    ],
    [
      'no-direct-io',
      true,
      'failure: the file system of /images does no direct I/O (O_DIRECT), which the disks of a VM need → use another (ext4, XFS, Btrfs, NFS; not tmpfs or ramfs), or cache: writeback',
    ],
    [undefined, true, 'unknown: not checked: no file can be made in /images to try it with'],
    [undefined, false, ELSEWHERE],
  ])('with the flaw %j, on this machine %j', async (flaw, here, found) => {
    const context = host((hypervisor) => (hypervisor.local = here ? machine({}) : undefined));
    const hypervisor = Object.assign(context.hypervisor, { findFlaw: async () => flaw });
    expect(await look(checkDirectIo, { ...context, hypervisor })).toStrictEqual([found]);
  });
});

describe('the space', () => {
  const disks = [
    disk('web', '/images/web/boot.qcow2', 50, 10),
    disk('web', '/images/web/data-vdb.qcow2', 100, 0.5),
    // Full, with the metadata of qcow2 on top.
    disk('db', '/images/db/boot.raw', 20, 20.1),
    // Elsewhere, beside, and the same file again.
    disk('db', '/srv/db.raw', 1000, 0),
    disk('db', '/images2/db.raw', 1000, 0),
    disk('other', '/images/web/boot.qcow2', 50, 10),
  ];

  it.each<[string, number | undefined, readonly DiskUsage[], string]>([
    [
      'suffices',
      200,
      disks,
      'ok: 200.0 GiB free below /images, and the 3 disks of 3 VMs may grow by 139.5 GiB',
    ],
    [
      'suffices to the byte',
      139.5,
      disks,
      'ok: 139.5 GiB free below /images, and the 3 disks of 3 VMs may grow by 139.5 GiB',
    ],
    [
      'may not suffice',
      139,
      disks,
      'warning: the 3 disks of 3 VMs below /images may grow by 139.5 GiB, and 139.0 GiB are free: guests pause when it is full → du -xhd1 /images shows what takes the room',
    ],
    [
      'of one VM',
      0,
      disks.slice(2, 3),
      'ok: 0.0 GiB free below /images, and the 1 disk of 1 VM may grow by 0.0 GiB',
    ],
    ['is all there', 7, [], 'ok: 7.0 GiB free below /images'],
    [
      'is not counted',
      undefined,
      disks,
      'unknown: not checked: the file system of /images does not count its free space',
    ],
  ])('%s', async (_, free, used, found) => {
    const context = host((hypervisor) => {
      hypervisor.disks = used;
      if (free !== undefined) hypervisor.available.set('/images', free * GIB);
    });
    expect(await look(checkSpace, context)).toStrictEqual([found]);
  });

  it('counts from the root as well', async () => {
    const context = host((hypervisor) => {
      hypervisor.disks = [disk('web', '/web/boot.qcow2', 2, 1)];
      hypervisor.available.set('/', 5 * GIB);
    }, '/');
    expect(await look(checkSpace, context)).toStrictEqual([
      'ok: 5.0 GiB free below /, and the 1 disk of 1 VM may grow by 1.0 GiB',
    ]);
  });

  it('is not looked for where there is no directory, nor are the disks', async () => {
    const context = host((hypervisor) => hypervisor.directories.clear());
    expect(await look(checkSpace, context)).toStrictEqual([
      'unknown: not checked: there is no directory /images',
    ]);
    expect(context.hypervisor.calls).not.toContain('diskUsages');
  });
});
