import { describe, expect, it } from 'vitest';
import type { LocalEntry, LocalFacts } from '../../../../src/hypervisor/local.ts';
import { HypervisorError } from '../../../../src/errors/hypervisor-error.ts';
import type { Directories } from '../../../../src/vm/host/directories.ts';
import { withRepair } from '../../../../src/vm/host-problem.ts';
import { lookAtPath, nearestAbove, whyNotMade } from '../../../../src/vm/host/own-storage-path.ts';
import { FakeHypervisor } from '../fake-hypervisor.ts';

const ALICE = 1000;

function directory(mode: number, owner: number, type: LocalEntry['type'] = 'dir'): LocalEntry {
  return {
    type,
    mode,
    owner,
    group: owner,
    bytes: 0,
    takenBytes: 0,
    availableBytes: 0,
    head: new Uint8Array(),
  };
}

/** A session of alice. What is not told is not there. */
function session(entries: Readonly<Record<string, LocalEntry | string>>): FakeHypervisor {
  const local: LocalFacts = {
    exists: async () => false,
    read: async () => undefined,
    look: async (path) => ({ '/proc/self': directory(0o555, ALICE), ...entries })[path] ?? 'ENOENT',
    names: async () => [],
    output: async () => undefined,
  };
  return Object.assign(new FakeHypervisor(), { isSession: true, local });
}

async function denied(): Promise<never> {
  throw new HypervisorError('no', { reason: 'denied', call: 'f', code: 38, domain: 18 });
}

/** Why /vms may not be used, as far as that can be told before it is looked into. */
async function closed(
  hypervisor: FakeHypervisor,
  facts: Directories['facts'] = async () => 'no-such-file',
): Promise<string | undefined> {
  const directories: Directories = { unseen: new Map(), visit: async () => 'unseen', facts };
  const seen = await lookAtPath('/vms', directories, hypervisor);
  return 'closed' in seen ? withRepair(seen.closed) : undefined;
}

describe('a storage path in a session', () => {
  it.each<[string, LocalEntry | string, string | undefined]>([
    ["the user's own", directory(0o700, ALICE), undefined],
    ['not there', 'ENOENT', undefined],
    ['a file, which is told elsewhere', directory(0o600, ALICE, 'file'), undefined],
    [
      'closed by the user',
      directory(0o500, ALICE),
      'you may not read the storage path /vms and write to it, which QEMU does as you (it has mode 0500, owner 1000, group 1000): chmod u+rwx /vms',
    ],
    [
      "root's",
      directory(0o711, 0),
      'you may not read the storage path /vms and write to it, which QEMU does as you (it has mode 0711, owner 0, group 0): give another with --storage-path',
    ],
    [
      'out of sight',
      'EACCES',
      'you may not pass through a directory above the storage path /vms: give another with --storage-path',
    ],
  ])('that is %s', async (_, entry, expected) => {
    const hypervisor = session({ '/vms': entry });
    if (typeof entry === 'object' && entry.mode !== 0o700) hypervisor.closed.add('/vms');
    expect(await closed(hypervisor)).toBe(expected);
  });

  it('is not looked at for the system, or on another machine', async () => {
    const hypervisor = session({ '/vms': directory(0o700, 0) });
    hypervisor.closed.add('/vms');
    expect(await closed(Object.assign(hypervisor, { isSession: false }))).toBeUndefined();
    expect(await closed(Object.assign(hypervisor, { isSession: true, local: undefined }))).toBeUndefined();
  });

  it('of another machine is what libvirt says of it', async () => {
    const hypervisor = session({});
    const there = Object.assign(hypervisor, { local: undefined });
    expect(await closed(there, denied)).toBe(
      'the user of this session may not read the storage path /vms: give a directory of that user with --storage-path',
    );
    await expect(closed(Object.assign(there, { isSession: false }), denied)).rejects.toThrow('no');
  });
});

describe('the default one, where it is missing,', () => {
  it.each<[string, LocalEntry | string, string | undefined]>([
    ["is made in the user's home", directory(0o755, ALICE), undefined],
    [
      'is not made where it is closed',
      directory(0o555, 0),
      'you may not write there (it has mode 0555, owner 0, group 0)',
    ],
    [
      'is not made where others may write',
      directory(0o777, ALICE),
      'users other than you and root may change what is in it (it has mode 0777, owner 1000, group 1000)',
    ],
    ['is not made in a file', directory(0o644, ALICE, 'file'), 'it is not a directory'],
    ['is not made out of sight', 'EACCES', 'you may not look there'],
  ])('%s', async (_, home, why) => {
    const hypervisor = session({ '/home/al': home, '/home': directory(0o755, 0) });
    if (why?.includes('write there') === true) hypervisor.closed.add('/home/al');
    const above = await nearestAbove('/home/al/.local/share/libvirt/images', hypervisor);
    expect(above?.path).toBe('/home/al');
    const problem = above && (await whyNotMade(above, ['read-only'], hypervisor));
    expect(problem).toStrictEqual(
      why === undefined
        ? undefined
        : {
            text: `the storage path cannot be made below /home/al: ${why}`,
            repair: 'give another with --storage-path',
          },
    );
  });
});
