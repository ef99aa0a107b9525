import { expect, it } from 'vitest';
import { checkBridges } from '../../../../src/vm/doctor/bridges.ts';
import type { HostInterface } from '../../../../src/hypervisor/host.ts';
import { hostInterface } from '../fake/pieces.ts';
import type { TestContext } from '../context.ts';
import { host, look } from './look.ts';

function withInterfaces(...interfaces: readonly HostInterface[]): TestContext {
  return host((hypervisor) => {
    hypervisor.interfaces.clear();
    for (const one of interfaces) hypervisor.interfaces.set(one.name, one);
  });
}

const port = (name: string, state: string): string =>
  `<bridge><interface name='${name}'><link state='${state}'/></interface></bridge>`;

it('bridges are told in one line, by name, with what is plugged in and their addresses', async () => {
  const context = withInterfaces(
    hostInterface('br1'),
    hostInterface('eth0', { type: 'ethernet' }),
    hostInterface('br0', { addresses: ['10.77.0.11/24', '10.78.0.1/24'], content: port('eth0', 'up') }),
  );
  expect(await look(checkBridges, context)).toStrictEqual([
    'ok: br0 (eth0, 10.77.0.11/24, 10.78.0.1/24), br1 (no port)',
  ]);
});

it('each that is not well has a line of its own', async () => {
  const context = withInterfaces(
    hostInterface('br0', { link: 'down' }),
    hostInterface('br1', { content: port('eth1', 'down') }),
    hostInterface('br2'),
  );
  expect(await look(checkBridges, context)).toStrictEqual([
    'ok: br2 (no port)',
    "warning: bridge 'br0' is down, and a VM on it reaches nothing → ip link set br0 up",
    "warning: no port of bridge 'br1' has a link (eth1), and a VM on it reaches nobody outside the hypervisor → ip link set eth1 up",
  ]);
});

it('none that is well is no line', async () => {
  expect(await look(checkBridges, withInterfaces(hostInterface('br0', { link: 'down' })))).toHaveLength(1);
});

it('a host without a bridge can have no VM', async () => {
  expect(await look(checkBridges, withInterfaces(hostInterface('eth0', { type: 'ethernet' })))).toStrictEqual(
    [
      'failure: the hypervisor has no bridge, which a VM needs → ip link add br0 type bridge && ip link set br0 up (until the next boot)',
    ],
  );
});

it('a host that cannot tell is not at fault', async () => {
  const context = host((hypervisor) => (hypervisor.fault = () => 'unsupported'));
  expect(await look(checkBridges, context)).toStrictEqual([
    'unknown: not checked: this hypervisor cannot tell which bridges it has (no interface driver)',
  ]);
  context.hypervisor.fault = () => 'disconnected';
  await expect(look(checkBridges, context)).rejects.toMatchObject({ reason: 'disconnected' });
});

it('a host without a bridge whose VMs are routed misses none', async () => {
  const context = withInterfaces(hostInterface('eth0', { type: 'ethernet' }));
  const device = `<interface type='ethernet'><target dev='vm0a371616'/></interface>`;
  context.hypervisor.addDomain('web', `<domain><devices>${device}</devices></domain>`, 'running');
  expect(await look(checkBridges, context)).toStrictEqual(['ok: no bridge; VMs are routed']);
});
