import { expect, it } from 'vitest';
import { offersOf } from '../../../../src/vm/offers/offers.ts';
import { minimalMachine } from '../../machines.ts';
import { contextWith } from '../export/vms.ts';

const HARMFUL = ['c\u001b[2J.qcow2', '.hidden.qcow2', 'd\n.qcow2', 'notes.txt'];

it('offers bridges with the subnets of VMs on them, and files of images that a VM file can name', async () => {
  const context = contextWith(minimalMachine({ name: 'web' }));
  context.hypervisor.addDirectory('/images', 'b.raw', 'a.qcow2', ...HARMFUL);
  context.hypervisor.addPool('images', '/images', { active: true });
  const { bridges, images, vms, taken } = await offersOf(context);
  expect(vms).toEqual(['web']);
  expect(taken.get('10.20.30.40')).toBe("VM 'web'");
  expect(bridges).toEqual([
    {
      name: 'br0',
      problem: undefined,
      subnets: [{ text: '10.20.30.0/24', gateway: '10.20.30.1', dnsServers: [] }],
    },
    { name: 'br1', problem: undefined, subnets: [] },
  ]);
  expect(images.map(({ image }) => image)).toEqual(['/images/a.qcow2', '/images/b.raw']);
});
