import type { Arch, Machine } from '../../../../../src/config/machine.ts';
import { domainXml } from '../../../../../src/libvirt-xml/domain/write.ts';
import { toStored } from '../../../../../src/libvirt-xml/metadata/stored-vm.ts';

/** The document of a machine. */
export function documentOf(machine: Machine, arch: Arch = 'x86_64'): string {
  return domainXml(machine, {
    arch,
    virtType: arch === 'x86_64' ? 'kvm' : 'qemu',
    backingFormat: 'qcow2',
    metadata: {
      status: 'ready',
      uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
      version: '0.1.0',
      created: '2025-01-02T03:04:05.000Z',
      directory: '/var/lib/libvirt/images/my-vm',
      stored: toStored(machine),
    },
  });
}
