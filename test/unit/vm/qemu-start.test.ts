import { describe, expect, it } from 'vitest';
import type { LocalFacts } from '../../../src/hypervisor/local.ts';
import { SYSTEM_PLACES } from '../../../src/libvirt/places.ts';
import { qemuStart } from '../../../src/vm/qemu-start.ts';

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
const FILES = {
  '/run/libvirt/qemu/web.pid': '4242',
  '/proc/4242/cmdline': `qemu-system-x86_64\0-name\0guest=web\0-uuid\0${UUID}\0`,
  // The name of the program may hold anything.
  '/proc/4242/stat': '4242 (qemu) S 9 9) S 1 4241 4241 0 -1 138412416 1 0 0 0 88 12 0 0 20 0 7 0 360050 9 9',
  '/proc/stat': 'cpu  1 2 3\nbtime 1795000000\nprocesses 5\n',
};

async function unasked(): Promise<never> {
  throw new Error('nobody asked for this');
}

function local(files: Readonly<Record<string, string>>): LocalFacts {
  return {
    exists: unasked,
    read: async (path) => files[path],
    look: unasked,
    names: unasked,
    output: unasked,
  };
}

describe('when a QEMU was started', () => {
  it('is told by the machine that it runs on', async () => {
    const started = new Date((1_795_000_000 + 3600) * 1000).toISOString();
    expect(await qemuStart(local(FILES), SYSTEM_PLACES, { name: 'web', uuid: UUID })).toBe(
      started.replace('.000', ''),
    );
  });

  it.each([
    ['there is no such file', { '/run/libvirt/qemu/web.pid': '' }],
    ['it is of another QEMU', { '/proc/4242/cmdline': 'qemu-system-x86_64\0-uuid\0another\0' }],
    ['the process ends just now', { '/proc/4242/stat': '' }],
    ['the kernel does not say when it began', { '/proc/stat': 'cpu 1 2 3\n' }],
  ])('is not known where %s', async (_, changes) => {
    expect(
      await qemuStart(local({ ...FILES, ...changes }), SYSTEM_PLACES, { name: 'web', uuid: UUID }),
    ).toBeUndefined();
  });
});
