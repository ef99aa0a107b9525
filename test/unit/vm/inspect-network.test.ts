import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/config/machine.ts';
import { LentDirectories } from '../../../src/vm/lent-directories.ts';
import { inspectNetwork } from '../../../src/vm/inspect-network.ts';
import { fullMachine, minimalMachine } from '../machines.ts';
import { testContext } from './context.ts';
import type { TestContext } from './context.ts';

/** Of the first interface of each machine, 10.20.30.40. */
const MAC = 'be:ef:0a:14:1e:28';
const OTHER_MAC = 'be:ef:c0:a8:01:32';

/** What is complained of, with the place of it. */
async function inspect(machine: Machine, context: TestContext): Promise<readonly string[]> {
  const told: string[] = [];
  await inspectNetwork(machine, {
    context,
    host: { virtTypes: [], machines: new Map<string, number>(), qemuUser: undefined },
    directories: new LentDirectories(context),
    documents: () => context.hypervisor.domainDocuments(),
    complain: (path, message) => told.push(`${path.join('.')}: ${message}`),
  });
  return told;
}

function domain(mac: string): string {
  return `<domain><devices><interface type='bridge'><mac address='${mac}'/></interface></devices></domain>`;
}

function taken(owner: string, index = 0, address = '10.20.30.40', mac = MAC): string {
  return `network_interfaces.${index}.ip: VM '${owner}' has ${address} already (MAC address ${mac}, made from it)`;
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
