import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { minimalMachine } from '../../machines.ts';

/** The document of a VM that plow made. */
export function domainOf(
  name: string,
  tags: readonly string[],
  status: 'creating' | 'ready' = 'ready',
): string {
  const machine = { ...minimalMachine(), name, tags };
  return domainXml(machine, {
    arch: 'x86_64',
    virtType: 'kvm',
    backingFormat: undefined,
    metadata: {
      status,
      uuid: `00000000-0000-4000-8000-${Buffer.from(name).toString('hex').slice(0, 12).padEnd(12, '0')}`,
      version: '0.1.0',
      created: '2025-01-02T03:04:05.000Z',
      directory: `/images/${name}`,
      stored: toStored(machine),
    },
  });
}
