import { describe, expect, it } from 'vitest';
import type { LocalEntry, LocalFacts } from '../../../../src/hypervisor/local.ts';
import { bridgeTroubles } from '../../../../src/vm/host/bridge-access.ts';

const HELPER = '/usr/lib/qemu/qemu-bridge-helper';

const entry = (mode: number): LocalEntry => ({
  type: 'other',
  mode,
  owner: 0,
  group: 0,
  bytes: 0,
  takenBytes: 0,
  availableBytes: 0,
  head: new Uint8Array(),
});

/** With this mode of the helper and of the device, and this text of QEMU's file. */
function machine(helper: number, device: number, conf: string | undefined, hidden = false): LocalFacts {
  const entries = new Map([
    [HELPER, entry(helper)],
    ['/dev/net/tun', entry(device)],
  ]);
  return {
    exists: async () => false,
    read: async () => conf,
    look: async (path) => entries.get(path) ?? (hidden ? 'EACCES' : 'ENOENT'),
    names: async () => [],
    output: async () => undefined,
  };
}

const repairs = async (local: LocalFacts | undefined, isSession = true): Promise<readonly string[]> =>
  (await bridgeTroubles('br0', { isSession, local })).map(
    ({ repair, isSure }) => `${isSure ? 'sure' : 'perhaps'}: ${repair}`,
  );

const SETUID = 'perhaps: sudo chmod u+s /usr/lib/qemu/qemu-bridge-helper';
const OPEN = 'perhaps: sudo chmod 0666 /dev/net/tun';
const ALLOW = "echo 'allow br0' | sudo tee -a /etc/qemu/bridge.conf";

describe('what keeps VMs of a session from a bridge', () => {
  it.each<[string, LocalFacts, readonly string[]]>([
    ['nothing', machine(0o4755, 0o666, 'allow br0'), []],
    ['nothing, where all are allowed', machine(0o4755, 0o666, '# mine\n allow  all\ndeny br1\n'), []],
    ['nothing that is seen in another file', machine(0o4755, 0o666, 'include /etc/qemu/more.conf'), []],
    ['nothing that is seen in a hidden file', machine(0o4755, 0o666, undefined, true), []],
    [
      'all of it',
      machine(0o755, 0o600, undefined),
      [`sure: sudo mkdir -p /etc/qemu && ${ALLOW}`, SETUID, OPEN],
    ],
    ['a file that allows others', machine(0o4755, 0o666, 'allow br1'), [`sure: ${ALLOW}`]],
    ['a line that denies', machine(0o4755, 0o666, 'allow br0\ndeny all'), [`sure: ${ALLOW}`]],
    ['a helper without rights', machine(0o755, 0o666, 'allow br0'), [SETUID]],
    ['a device of root', machine(0o4755, 0o644, 'allow br0'), [OPEN]],
  ])('is %s', async (_, local, expected) => {
    expect(await repairs(local)).toStrictEqual(expected);
  });

  it('is nothing for the system, and cannot be told of another machine', async () => {
    expect(await repairs(machine(0o755, 0o600, undefined), false)).toStrictEqual([]);
    expect(await repairs(undefined)).toStrictEqual([]);
  });
});
