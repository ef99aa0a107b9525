import { describe, expect, it } from 'vitest';
import type { HypervisorErrorReason } from '../../../../src/errors/hypervisor-error.ts';
import type { Machine } from '../../../../src/config/machine.ts';
import type { HostInterface } from '../../../../src/hypervisor/host.ts';
import { inspectBridges } from '../../../../src/vm/network/bridge.ts';
import { inspectNetwork } from '../../../../src/vm/network/inspect-network.ts';
import { minimalMachine, networkInterface } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { failure, hostInterface } from '../fake/pieces.ts';
import { inspectionOf } from '../inspection.ts';
import type { Told } from '../inspection.ts';

function on(...bridges: readonly string[]): Machine {
  return minimalMachine({ interfaces: bridges.map((bridge) => networkInterface({ bridge })) });
}

function withInterfaces(...interfaces: readonly HostInterface[]): TestContext {
  const context = testContext();
  context.hypervisor.interfaces.clear();
  for (const one of interfaces) context.hypervisor.interfaces.set(one.name, one);
  return context;
}

/** What is complained of, then what is noted. */
async function inspect(machine: Machine, context: TestContext): Promise<readonly string[]> {
  const told: Told = { diagnostics: [], notChecked: [] };
  await inspectBridges(machine, inspectionOf(context, told));
  return [...told.diagnostics, ...context.progress.lines];
}

function ports(...states: readonly string[]): string {
  const inside = states.map((state, index) => {
    const link = state === '' ? '' : `<link state='${state}'/>`;
    return `<interface type='ethernet' name='eth${index}'>${link}</interface>`;
  });
  return `<bridge>${inside.join('')}</bridge>`;
}

function missing(bridge: string, rest: string): readonly string[] {
  return [`network_interfaces.0.bridge: bridge '${bridge}' does not exist on the hypervisor${rest}`];
}

describe('a bridge that is not there', () => {
  it.each([
    ['br00', "; did you mean 'br0'? (there: br0, br1)"],
    ['BR-1', "; did you mean 'br1'? (there: br0, br1)"],
    ['office', ' (there: br0, br1)'],
  ])('%s is told with those that are', async (bridge, rest) => {
    const context = testContext();
    context.hypervisor.interfaces.set('br9', hostInterface('br9', { type: 'vlan' }));
    expect(await inspect(on(bridge), context)).toStrictEqual(missing(bridge, rest));
  });

  it('with a hyphen is near its like', async () => {
    const context = withInterfaces(hostInterface('br-2'), hostInterface('vmbr0'));
    expect(await inspect(on('br-1'), context)).toStrictEqual(
      missing('br-1', "; did you mean 'br-2'? (there: br-2, vmbr0)"),
    );
  });

  it('on a host without any is told so', async () => {
    expect(await inspect(on('br0'), withInterfaces())).toStrictEqual(missing('br0', ' (it has no bridge)'));
  });

  it('on a host with many is told with ten of them', async () => {
    const context = withInterfaces(
      ...Array.from({ length: 12 }, (_, index) => hostInterface(`b${index + 10}`)),
    );
    const ten = 'b10, b11, b12, b13, b14, b15, b16, b17, b18, b19';
    expect(await inspect(on('office'), context)).toStrictEqual(
      missing('office', ` (there: ${ten} and 2 more)`),
    );
  });

  it('is told once, at its first interface, and the list is asked for once', async () => {
    const context = testContext();
    expect(await inspect(on('br0', 'lan', 'wan', 'lan'), context)).toStrictEqual([
      "network_interfaces.1.bridge: bridge 'lan' does not exist on the hypervisor (there: br0, br1)",
      "network_interfaces.2.bridge: bridge 'wan' does not exist on the hypervisor (there: br0, br1)",
    ]);
    expect(context.hypervisor.calls).toStrictEqual([
      'findInterface',
      'findInterface',
      'findInterface',
      'listInterfaces',
    ]);
  });

  it('is told alone where the others cannot be listed', async () => {
    const context = testContext();
    context.hypervisor.fault = (call) => (call === 'listInterfaces' ? 'other' : undefined);
    expect(await inspect(on('br00'), context)).toStrictEqual(missing('br00', ''));
  });

  it('may be another interface', async () => {
    const context = withInterfaces(hostInterface('br0'), hostInterface('eth0', { type: 'ethernet' }));
    expect(await inspect(on('eth0'), context)).toStrictEqual([
      "network_interfaces.0.bridge: 'eth0' is not a bridge but an interface of type ethernet (there: br0)",
    ]);
  });
});

describe('a host that cannot tell its bridges', () => {
  it.each<[HypervisorErrorReason, string]>([
    ['unsupported', 'no interface driver'],
    ['no-such-file', 'findInterface failed'],
  ])('for the reason %s is taken on trust, with one note', async (reason, why) => {
    const context = testContext();
    context.hypervisor.fault = (call) => (call === 'findInterface' ? reason : undefined);
    expect(await inspect(on('br0', 'br1'), context)).toStrictEqual([
      `note: this hypervisor cannot tell which bridges it has (${why}): not checked`,
    ]);
    expect(context.hypervisor.calls).toStrictEqual(['findInterface']);
  });

  it.each(['findInterface', 'listInterfaces'])(
    'because the connection broke at %s is an error',
    async (broken) => {
      const context = testContext();
      context.hypervisor.fault = (call) => (call === broken ? 'disconnected' : undefined);
      await expect(inspectNetwork(on('br00'), inspectionOf(context))).rejects.toMatchObject({
        kind: 'connection',
        message: 'cannot look up the bridges: the line to libvirt broke',
      });
    },
  );

  it('is not what a bug looks like', async () => {
    const context = testContext();
    context.hypervisor.findInterface = () => Promise.reject(new TypeError('a bug'));
    await expect(inspect(on('br0'), context)).rejects.toThrow('a bug');
    context.hypervisor.findInterface = () => Promise.reject(failure('findInterface', 'unsupported'));
    await expect(inspect(on('br0'), context)).resolves.toHaveLength(1);
  });
});

describe('the link of a bridge', () => {
  const down = ["note: bridge 'br0' is down, and a VM on it reaches nothing: ip link set br0 up"];
  const noLink = [
    "note: no port of bridge 'br0' has a link (eth0, eth1), and a VM on it reaches nobody outside the hypervisor: ip link set eth0 up",
  ];

  it.each<[string, Partial<HostInterface> & { content?: string }, readonly string[]]>([
    ['is up', { content: ports('up') }, []],
    ['is switched off', { link: 'down' }, down],
    ['is switched off, whatever its ports', { link: 'down', content: ports('down', 'down') }, down],
    ['is inactive with a port that has a link', { link: 'inactive', content: ports('down', 'up') }, down],
    ['is inactive without a port: it may be idle', { link: 'inactive' }, []],
    ['is inactive with ports of which nothing is known', { link: 'inactive', content: ports('', '') }, []],
    ['has no carrier and no port: it may be meant so', { link: 'no-carrier' }, []],
    ['has no port with a link', { link: 'no-carrier', content: ports('down', 'lowerlayerdown') }, noLink],
    ['is up by its VMs only', { link: 'up', content: ports('down', 'notpresent') }, noLink],
    ['may pass through a port of which nothing is known', { content: ports('down', '') }, []],
    ['is not known', { link: undefined, content: ports('up') }, []],
  ])('%s', async (_, changes, notes) => {
    expect(await inspect(on('br0'), withInterfaces(hostInterface('br0', changes)))).toStrictEqual(notes);
  });
});

describe('the gateway', () => {
  it.each([
    ['in the subnet of the bridge', ['10.20.30.2/24'], undefined, []],
    ['in one of its subnets', ['10.77.0.1/24', '10.20.30.2/24'], undefined, []],
    ['on a bridge without addresses', [], undefined, []],
    ['on a bridge whose addresses are no such', ['fe80::1/64'], undefined, []],
    [
      'elsewhere',
      ['10.77.0.11/24'],
      undefined,
      ["bridge 'br0' is in 10.77.0.0/24, and the gateway 10.20.30.1 is not"],
    ],
    [
      'in none of two subnets',
      ['10.77.0.11/24', '10.78.0.1/16'],
      undefined,
      ["bridge 'br0' is in 10.77.0.0/24 and 10.78.0.0/16, and the gateway 10.20.30.1 is not"],
    ],
    [
      'outside what only the document tells',
      undefined,
      "<protocol family='ipv4'><ip address='10.77.0.11' prefix='24'/></protocol>",
      ["bridge 'br0' is in 10.77.0.0/24, and the gateway 10.20.30.1 is not"],
    ],
  ])('%s', async (_, addresses, content = '', notes) => {
    const context = withInterfaces(hostInterface('br0', { addresses, content }));
    expect(await inspect(on('br0', 'br0'), context)).toStrictEqual(notes.map((note) => `note: ${note}`));
  });
});
