import type { Machine } from '../../../../../src/config/machine.ts';
import { domainXml } from '../../../../../src/libvirt-xml/domain/write.ts';
import { toStored } from '../../../../../src/libvirt-xml/metadata/stored-vm.ts';

/** The document of a machine of x86_64. */
export function documentOf(machine: Machine): string {
  return domainXml(machine, {
    arch: 'x86_64',
    virtType: 'kvm',
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
