import { describe, expect, it } from 'vitest';
import type { LocalEntry, LocalFacts } from '../../../../src/hypervisor/local.ts';
import { PoolDirectories } from '../../../../src/vm/host/pool-directories.ts';
import { isLinked, isOpenToStrangers, masterOf, strangersAt } from '../../../../src/vm/host/strangers.ts';
import type { Master } from '../../../../src/vm/host/strangers.ts';
import { vmDirectoryAccess } from '../../../../src/vm/storage/vm-access.ts';
import { testContext } from '../context.ts';

const QEMU = { uid: 64_055, gid: 64_055 };
const SYSTEM = { qemuUser: QEMU };
const SESSION = { qemuUser: undefined };
const ALICE = { uid: 1000, gid: 1001 };

function entry(mode: number, owner = 0, group = 0): LocalEntry {
  return {
    type: 'dir',
    mode,
    owner,
    group,
    bytes: 0,
    takenBytes: 0,
    availableBytes: 0,
    head: new Uint8Array(),
  };
}

function machine(entries: Readonly<Record<string, LocalEntry>>): LocalFacts {
  return {
    exists: async () => false,
    read: async () => undefined,
    look: async (path) => entries[path] ?? 'ENOENT',
    names: async () => [],
    output: async () => undefined,
  };
}

describe('a directory', () => {
  it.each<[string, number, number, number, Master, boolean]>([
    ["root's", 0o755, 0, 0, 'root', false],
    ["root's, of a group that may write", 0o775, 0, 0, 'root', true],
    ["root's, of all, sticky", 0o1777, 0, 0, 'root', true],
    ["a user's", 0o700, 1000, 1000, 'root', true],
    ["QEMU's", 0o711, 64_055, 64_055, 'root', true],
    ["root's, in a session", 0o755, 0, 0, ALICE, false],
    ["the user's own, in a session", 0o755, 1000, 1001, ALICE, false],
    ["the user's own, and of their group, in a session", 0o775, 1000, 1001, ALICE, false],
    ["the user's own, and of another group, in a session", 0o775, 1000, 27, ALICE, true],
    ["another user's, in a session", 0o755, 1001, 1001, ALICE, true],
    ["somebody's, in a session elsewhere", 0o755, 1001, 1001, 'unknown', false],
    ['of all, in a session elsewhere', 0o757, 0, 0, 'unknown', true],
  ])('that is %s', (_, mode, owner, group, master, isOpen) => {
    expect(isOpenToStrangers({ mode, owner, group }, master)).toBe(isOpen);
  });
});

describe('who may own directories', () => {
  it('is root where libvirt tells a user of QEMU, else whoever plow runs as', async () => {
    const { hypervisor } = testContext();
    expect(await masterOf(SYSTEM, hypervisor)).toBe('root');
    expect(await masterOf(SESSION, hypervisor)).toBe('unknown');
    hypervisor.local = machine({ '/proc/self': entry(0o555, 1000, 1001) });
    expect(await masterOf(SESSION, hypervisor)).toStrictEqual(ALICE);
  });
});

describe('what others can change', () => {
  it.each([
    ['a directory above', { '/a/b': '1777' }, '/a/b'],
    ['the top', { '/a': '0755 1000 1000' }, '/a'],
    ['nothing', { '/a': '0755', '/a/b': '0755', '/a/b/c': '0711' }, undefined],
  ])('is %s', async (_, modes: Readonly<Record<string, string>>, told) => {
    const context = testContext();
    for (const path of ['/a', '/a/b', '/a/b/c']) context.hypervisor.addDirectory(path);
    for (const [path, mode] of Object.entries(modes)) context.hypervisor.modes.set(path, mode);
    const trouble = await strangersAt('/a/b/c', new PoolDirectories(context), SYSTEM, context);
    expect(trouble?.text.match(/what is in (?<path>\S+)/u)?.groups?.['path']).toBe(told);
    expect(trouble?.repair).toBe(told && 'give another with --storage-path');
  });

  it('is also what lies behind a link', async () => {
    const context = testContext();
    for (const path of ['/vms', '/home', '/home/bob', '/home/bob/vms']) context.hypervisor.addDirectory(path);
    context.hypervisor.links.set('/vms', '/home/bob/vms');
    context.hypervisor.modes.set('/home/bob', '0711 1000 1000');
    expect(await strangersAt('/vms', new PoolDirectories(context), SYSTEM, context)).toMatchObject({
      text: 'users other than root may change what is in /home/bob (it has mode 0711, owner 1000, group 1000)',
    });
  });

  it('is looked at without pools in a session, where homes are', async () => {
    const context = testContext();
    context.hypervisor.addDirectory('/home/alice/vms');
    context.hypervisor.local = machine({
      '/proc/self': entry(0o555, 1000, 1001),
      '/home': entry(0o755),
      '/home/alice': entry(0o777, 1000, 1001),
    });
    const storagePath = '/home/alice/vms';
    expect(await strangersAt(storagePath, new PoolDirectories(context), SESSION, context)).toStrictEqual({
      text: 'users other than you and root may change what is in /home/alice (it has mode 0777, owner 1000, group 1001)',
      repair: 'give another with --storage-path',
    });
    expect(context.hypervisor.calls).toStrictEqual([]);
  });
});

describe('a link', () => {
  it('is told from a directory where that can be seen from here', async () => {
    const { hypervisor } = testContext();
    hypervisor.links.set('/images', '/srv/images');
    hypervisor.links.set('/images/web', '/srv/images/web');
    hypervisor.links.set('/images/db', '/srv/other/db');
    expect(await isLinked('/images/web', hypervisor)).toBe(false);
    expect(await isLinked('/images/db', hypervisor)).toBe(true);
    hypervisor.realPath = async () => undefined;
    expect(await isLinked('/images/db', hypervisor)).toBeUndefined();
  });
});

describe('the directory that a VM gets', () => {
  it("is passed by QEMU's group, and by all only where libvirt does not tell it", () => {
    expect(vmDirectoryAccess(QEMU)).toStrictEqual({ mode: 0o710, owner: 0, group: 64_055 });
    expect(vmDirectoryAccess(undefined)).toStrictEqual({ mode: 0o711 });
  });
});
