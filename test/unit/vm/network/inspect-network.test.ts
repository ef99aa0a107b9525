import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import { inspectNetwork } from '../../../../src/vm/network/inspect-network.ts';
import { fullMachine, minimalMachine, networkInterface } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { hostInterface } from '../fake/pieces.ts';
import { inspectionOf } from '../inspection.ts';
import type { Told } from '../inspection.ts';

/** Of the first interface of each machine, 10.20.30.40. */
const MAC = 'be:ef:0a:14:1e:28';
const OTHER_MAC = 'be:ef:c0:a8:01:32';

/** What is complained of, with the place of it. */
async function inspect(machine: Machine, context: TestContext): Promise<readonly string[]> {
  const told: Told = { diagnostics: [], notChecked: [] };
  await inspectNetwork(machine, inspectionOf(context, told));
  return told.diagnostics;
}

function domain(mac: string): string {
  return `<domain><devices><interface type='bridge'><mac address='${mac}'/></interface></devices></domain>`;
}

function taken(owner: string, index = 0, address = '10.20.30.40', mac = MAC): string {
  return `network_interfaces.${index}.ip: ${address} is used by VM '${owner}' (MAC address ${mac}, made from it)`;
}

describe('an address', () => {
  it.each([
    ['a VM that runs', domain(MAC)],
    ['a VM of another tool, in upper case', domain(MAC.toUpperCase())],
    ['a VM whose document cannot be read', `not XML: ${MAC}`],
  ])('is taken by %s', async (_, document) => {
    const context = testContext();
    context.hypervisor.addDomain('other', document, 'running');
    expect(await inspect(minimalMachine(), context)).toStrictEqual([taken('other')]);
  });

  it.each([
    ['names it in words only', 'other', `<domain><description>${MAC}</description></domain>`],
    ['cannot be read and does not name it', 'other', '<domain'],
    ['has another', 'other', domain(OTHER_MAC)],
    ['is of the same name, which is told already', 'my-vm', domain(MAC)],
  ])('is free where a VM %s', async (_, name, document) => {
    const context = testContext();
    context.hypervisor.addDomain(name, document, 'shut off');
    expect(await inspect(minimalMachine(), context)).toStrictEqual([]);
  });

  it('is sought among 300 VMs, all of them fetched at once', async () => {
    const context = testContext();
    for (let number = 0; number < 300; number += 1) {
      const mac = number
        .toString(16)
        .padStart(12, '0')
        .replaceAll(/..(?=.)/gu, '$&:');
      context.hypervisor.addDomain(`vm${number}`, domain(mac), 'running');
    }
    expect(await inspect(fullMachine(), context)).toStrictEqual([]);
    context.hypervisor.addDomain('vm150', domain(OTHER_MAC), 'running');
    context.hypervisor.addDomain('vm299', domain(MAC), 'shut off');
    context.hypervisor.calls.length = 0;
    expect(await inspect(fullMachine(), context)).toStrictEqual([
      taken('vm299'),
      taken('vm150', 1, '192.168.1.50', OTHER_MAC),
    ]);
    expect(context.hypervisor.calls).toStrictEqual(['findInterface', 'findInterface', 'domainDocuments']);
  });
});

/** The kernel's table of a machine with 10.20.30.40 on a bridge. */
const ROUTES = `Main:
  +-- 10.20.30.0/24 2 0 1
     |-- 10.20.30.0
        /24 link UNICAST
Local:
  +-- 10.20.30.0/24 2 0 1
     +-- 10.20.30.32/27 2 0 1
        |-- 10.20.30.40
           /32 host LOCAL
     |-- 10.20.30.41
        /32 link UNICAST
`;

const OWN = 'network_interfaces.0.ip: 10.20.30.40 is an address of the hypervisor itself';

function here(routes: string | undefined): NonNullable<TestContext['hypervisor']['local']> {
  return {
    exists: async () => false,
    read: async (path) => (path === '/proc/net/fib_trie' ? routes : undefined),
    look: async () => 'ENOENT',
    names: async () => [],
    output: async () => undefined,
  };
}

function at(address: string): Machine {
  return minimalMachine({ interfaces: [networkInterface({ address })] });
}

function protocol(address: string): string {
  return `<protocol family='ipv4'><ip address='${address}' prefix='24'/></protocol>`;
}

describe('the address of the hypervisor itself', () => {
  it('is refused on this machine, and no other one', async () => {
    const context = testContext();
    context.hypervisor.local = here(ROUTES);
    expect(await inspect(at('10.20.30.40'), context)).toStrictEqual([OWN]);
    expect(await inspect(at('10.20.30.41'), context)).toStrictEqual([]);
    expect(context.hypervisor.calls).not.toContain('listInterfaces');
  });

  it.each([
    ['the bridge', 'br0', 'br7'],
    ['an interface that is not in the file', 'br7', 'br0'],
  ])('is refused elsewhere where the document of %s tells it', async (_, own, other) => {
    const context = testContext();
    const { interfaces } = context.hypervisor;
    interfaces.set(own, hostInterface(own, { addresses: undefined, content: protocol('10.20.30.40') }));
    interfaces.set(other, hostInterface(other, { addresses: undefined, content: protocol('10.20.30.2') }));
    expect(await inspect(at('10.20.30.40'), context)).toStrictEqual([OWN]);
  });

  it('is not known elsewhere where no document tells any, which is said', async () => {
    const told: Told = { diagnostics: [], notChecked: [] };
    const context = testContext();
    await inspectNetwork(at('10.20.30.40'), inspectionOf(context, told));
    expect(told.diagnostics).toStrictEqual([]);
    expect(told.notChecked.map(({ check }) => check)).toStrictEqual(['gateway', 'own-address', 'neighbours']);
    expect(context.hypervisor.calls).not.toContain('listInterfaces');
  });
});
