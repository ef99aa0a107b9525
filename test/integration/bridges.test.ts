import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { created, vm } from './vms.ts';

const host = useHost();

const DOWN = "bridge 'br1' is down, and a VM on it reaches nothing: ip link set br1 up";
const NO_LINK =
  "no port of bridge 'br0' has a link (up0), and a VM on it reaches nobody outside the hypervisor: ip link set up0 up";
const UNKNOWN = 'this hypervisor cannot tell which bridges it has (no interface driver): not checked';

const onBr0 = { ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0' };
const onBr1 = { ip: '10.78.0.50/24', gateway: '10.78.0.2', bridge: 'br1' };

/** Over a socket with a name of its own: plow then takes the hypervisor for another machine. */
const REMOTE = { PLOW_CONNECT: 'qemu+unix:///system?socket=/run/libvirt/libvirt-sock' };

function on(...interfaces: readonly object[]): object {
  return vm({ network_interfaces: interfaces });
}

/**
 * Has the VM made after a change of the host, which is undone; then removes it.
 * @returns what it said on stderr
 */
async function notes(
  config: object,
  change: string,
  undo: string,
  env?: Readonly<Record<string, string>>,
): Promise<string> {
  await host().sh(change);
  const made = await host().create(config, env);
  await host().sh(undo);
  expect(made).toMatchObject({ code: 0, stdout: created('web') });
  await host().discard('web');
  return made.stderr;
}

/** libvirtd as on a host without libvirt-daemon-driver-interface. */
async function withoutInterfaceDriver<T>(work: () => Promise<T>): Promise<T> {
  const stopped = 'while [ -e /run/libvirt/libvirt-sock ]; do sleep 0.02; done';
  await host().libvirtd('stop');
  await host().sh(`${stopped}; mkdir /run/drivers
    ln -s /usr/lib/*/libvirt/connection-driver/* /run/drivers; rm /run/drivers/*_interface.so
    cd /; LIBVIRT_DRIVER_DIR=/run/drivers libvirtd --daemon; virsh uri`);
  try {
    return await work();
  } finally {
    await host().libvirtd('stop');
    await host().sh(`${stopped}; rm -r /run/drivers`);
    await host().libvirtd('start');
    await host().virsh('uri');
  }
}

describe('plow create', () => {
  it('refuses a bridge that is not there, with those that are', async () => {
    const file = await host().write(
      on(
        { ...onBr0, bridge: 'br00' },
        { ...onBr1, bridge: 'office' },
        { ...onBr1, ip: '10.78.0.51/24', bridge: 'up0' },
      ),
    );
    expect(await host().plow(['create', file])).toEqual({
      code: 2,
      stdout: "Creating VM 'web'...\n",
      stderr: [
        `error: ${file}:10:13: network_interfaces[0].bridge: bridge 'br00' does not exist on the hypervisor; did you mean 'br0'? (there: br0, br1)`,
        `error: ${file}:13:13: network_interfaces[1].bridge: bridge 'office' does not exist on the hypervisor (there: br0, br1)`,
        `error: ${file}:16:13: network_interfaces[2].bridge: 'up0' is not a bridge but an interface of type ethernet (there: br0, br1)\n`,
      ].join('\n'),
    });
  });

  it.each([{}, REMOTE])('says nothing of bridges that are well, with or without a port (%j)', async (env) => {
    expect(await notes(on(onBr0, onBr1), 'true', 'true', env)).toBe('');
  });

  it('notes a bridge that is down, and the VM starts', async () => {
    expect(await notes(on(onBr1), 'ip link set br1 down', 'ip link set br1 up')).toBe(`note: ${DOWN}\n`);
  });

  it.each([
    ['br0', 'ip link set br0 down', 'ip link set br0 up', DOWN.replaceAll('br1', 'br0')],
    ['the port', 'ip link set up0 down', 'ip link set up0 up', NO_LINK],
  ])(
    'notes the same of a hypervisor elsewhere, as far as its libvirt tells: %s',
    async (_, down, up, note) => {
      // The kernel tells of a change of carrier within a second.
      const settled = `${down}; until virsh iface-list --inactive | grep -q br0 || [ "$((n += 1))" = 50 ]; do sleep 0.1; done`;
      expect(await notes(on(onBr0), `n=0; ${settled}`, up, REMOTE)).toBe(`note: ${note}\n`);
    },
  );

  it('says nothing of an idle bridge elsewhere, of which libvirt does not know whether it is down', async () => {
    expect(await notes(on(onBr1), 'ip link set br1 down', 'ip link set br1 up', REMOTE)).toBe('');
  });

  it('notes ports without a link', async () => {
    expect(await notes(on(onBr0), 'ip link set up0 down', 'ip link set up0 up')).toBe(`note: ${NO_LINK}\n`);
  });

  it('notes a gateway outside the subnets of its bridge', async () => {
    const elsewhere = { ip: '10.20.30.40/24', gateway: '10.20.30.1', bridge: 'br0' };
    const note = "note: bridge 'br0' is in 10.77.0.0/24, and the gateway 10.20.30.1 is not\n";
    expect(await notes(on(elsewhere), 'true', 'true')).toBe(note);
    const address = 'ip address add 10.20.30.1/24 dev br0';
    expect(await notes(on(elsewhere), address, 'ip address del 10.20.30.1/24 dev br0')).toBe('');
  });

  it('takes bridges on trust where libvirt has no interface driver, and says so once', async () => {
    const made = await withoutInterfaceDriver(async () => {
      const finished = await host().create(on(onBr0, onBr1));
      await host().discard('web');
      return finished;
    });
    expect(made).toEqual({ code: 0, stdout: created('web'), stderr: `note: ${UNKNOWN}\n` });
  });
});
