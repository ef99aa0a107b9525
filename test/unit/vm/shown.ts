import { domainXml } from '../../../src/libvirt-xml/domain/write.ts';
import { toStored } from '../../../src/libvirt-xml/metadata/stored-vm.ts';
import { showVm } from '../../../src/vm/show/show.ts';
import type { VmDetails } from '../../../src/vm/show/details.ts';
import { fullMachine } from '../machines.ts';
import { FakeHypervisor } from './fake-hypervisor.ts';
import { seen } from './listed.ts';

export const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';

/** The document of a VM that plow made. */
export function ownDocument(
  status: 'creating' | 'ready' = 'ready',
  machine = fullMachine({ description: 'the web server', tags: ['web', 'prod'] }),
): string {
  const metadata = {
    status,
    uuid: UUID,
    version: '0.1.0',
    created: '2026-11-21T09:00:00.000Z',
    directory: '/images/my-vm',
    stored: toStored(machine),
  } as const;
  return domainXml(machine, { arch: 'x86_64', virtType: 'kvm', backingFormat: 'qcow2', metadata });
}

/** The same as libvirt has it once it runs. */
export function liveDocument(): string {
  const taps = ['vnet3', 'vnet4'].values();
  return ownDocument()
    .replace('<cpu mode="host-model"/>', '<cpu mode="custom" match="exact"/>')
    .replaceAll('<model type="virtio"/>', (model) => `${model}<target dev="${taps.next().value ?? ''}"/>`)
    .replace('<serial type="pty">', '<serial type="pty"><source path="/dev/pts/3"/>')
    .replace('name="org.qemu.guest_agent.0"', (name) => `${name} state="connected"`);
}

/** A VM that plow made and that runs. */
export function running(): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDomain('my-vm', ownDocument(), 'running');
  hypervisor.live.set('my-vm', liveDocument());
  hypervisor.status = {
    reason: 'booted',
    autostart: true,
    vcpus: 4,
    memoryKib: 2 ** 23,
    currentMemoryKib: 2 ** 22,
    cpuSeconds: 3723.4,
    snapshots: 1,
  };
  hypervisor.sizes.set('vda', { capacityBytes: 50 * 2 ** 30, takenBytes: 1.5 * 2 ** 30 });
  hypervisor.sizes.set('vdb', { capacityBytes: 100 * 2 ** 30, takenBytes: 196_640 });
  hypervisor.seen = [
    { ...seen('agent', '10.20.30.40'), mac: 'be:ef:0a:14:1e:28' },
    { ...seen('agent', '172.17.0.1'), mac: '02:42:00:00:00:01' },
  ];
  return hypervisor;
}

export function shown(hypervisor: FakeHypervisor = running()): Promise<VmDetails> {
  return showVm('my-vm', hypervisor);
}
