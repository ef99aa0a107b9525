import { expect, it } from 'vitest';
import { checkAddresses } from '../../../../src/vm/doctor/addresses.ts';
import { host, look } from './look.ts';

const MAC = 'be:ef:0a:14:1e:28';

function withMac(mac: string): string {
  return `<domain><devices><interface type='bridge'><mac address='${mac}'/></interface></devices></domain>`;
}

it('VMs with one MAC address are told, however it is spelt, running or not', async () => {
  const context = host((hypervisor) => {
    hypervisor.addDomain('web', withMac(MAC), 'running');
    hypervisor.addDomain('old', withMac(MAC.toUpperCase()), 'shut off');
    hypervisor.addDomain('plugged', '<domain/>', 'running');
    hypervisor.live.set('plugged', withMac(MAC));
    hypervisor.addDomain('other', withMac('52:54:00:00:00:01'), 'running');
  });
  expect(await look(checkAddresses, context)).toStrictEqual([
    `warning: VMs 'old' and 'plugged' and 'web' have the same MAC address ${MAC}: their network fails by turns → give all but one of them another address, or destroy them`,
  ]);
});

it('a VM has its own both times, and a document that cannot be read has none', async () => {
  const context = host((hypervisor) => {
    hypervisor.addDomain('web', withMac(MAC), 'running');
    hypervisor.addDomain('odd', `not XML: ${MAC}`, 'shut off');
  });
  expect(await look(checkAddresses, context)).toStrictEqual(['ok: no two VMs have the same MAC address']);
});
