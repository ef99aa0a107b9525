import { describe, expect, it } from 'vitest';
import type { LocalEntry, LocalFacts } from '../../../../src/hypervisor/local.ts';
import { SYSTEM_PLACES } from '../../../../src/libvirt/places.ts';
import { qemuStop } from '../../../../src/vm/show/qemu-stop.ts';

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
const STARTED = `2026-11-24 10:58:56.871+0000: starting up libvirt version: 9.0.0, qemu version: 7.2.22, hostname: h1
LC_ALL=C \\
/usr/bin/qemu-system-x86_64 \\
-uuid ${UUID} \\
-msg timestamp=on
char device redirected to /dev/pts/0 (label charserial0)
`;
const STOPPED = `2026-11-24T11:00:20.100000Z qemu-system-x86_64: terminating on signal 15 from pid 28 (/usr/sbin/libvirtd)
2026-11-24 11:00:20.433+0000: shutting down, reason=destroyed
`;
const FILE: LocalEntry = {
  type: 'file',
  mode: 0o600,
  owner: 0,
  group: 0,
  bytes: 1024,
  takenBytes: 4096,
  availableBytes: 0,
  head: new Uint8Array(),
};

async function unasked(): Promise<never> {
  throw new Error('nobody asked for this');
}

function local(log: string | undefined, entry: Partial<LocalEntry> = {}): LocalFacts {
  return {
    exists: unasked,
    read: async (path) => (path === '/var/log/libvirt/qemu/web.log' ? log : undefined),
    look: async () => (log === undefined ? 'ENOENT' : { ...FILE, ...entry }),
    names: unasked,
    output: unasked,
  };
}

function stopOf(facts: LocalFacts, reason: string | undefined = 'destroyed'): Promise<string | undefined> {
  return qemuStop(facts, SYSTEM_PLACES, { name: 'web', uuid: UUID }, reason);
}

describe('when a QEMU was stopped', () => {
  it.each([
    ['by the log of its only run', STARTED + STOPPED, 'destroyed'],
    ['by its last run', STARTED + STOPPED.replace('11:00', '10:59') + STARTED + STOPPED, 'destroyed'],
    ['where libvirt has forgotten why', STARTED + STOPPED, undefined],
  ])('is told %s', async (_, log, reason) => {
    expect(await qemuStop(local(log), SYSTEM_PLACES, { name: 'web', uuid: UUID }, reason)).toBe(
      '2026-11-24T11:00:20Z',
    );
  });

  it.each([
    ['there is no log', undefined],
    ['the last run has not ended, as far as the log goes', STARTED + STOPPED + STARTED],
    ['another one had the name before', STARTED.replace(UUID, 'another') + STOPPED],
    ['it is off for another reason', STARTED + STOPPED.replace('destroyed', 'saved')],
    ['the beginning is in an older file', STOPPED],
    ['there is something else', 'x'],
  ])('is not known where %s', async (_, log) => {
    expect(await stopOf(local(log))).toBeUndefined();
  });

  it('is not looked for in a log that has grown without bound', async () => {
    expect(await stopOf({ ...local(STARTED + STOPPED, { bytes: 2 ** 30 }), read: unasked })).toBeUndefined();
  });
});
