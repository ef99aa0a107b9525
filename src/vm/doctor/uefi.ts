import { ARCHITECTURES } from '../../config/architectures.ts';
import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { readDomainCapabilities } from '../../libvirt-xml/read/domain-capabilities.ts';
import { judge } from '../features/judge.ts';
import { installingThere } from '../installing-there.ts';
import type { Examination, Finding } from './finding.ts';
import { failure, ok, unknown } from './finding.ts';

export async function checkUefi({ context, host }: Examination): Promise<Finding> {
  const { arch, virtTypes } = readCapabilities(await host.capabilities());
  const [virtType] = virtTypes;
  if (virtType === undefined) return unknown('there is no QEMU');
  const { firmwares, machineType, packages } = ARCHITECTURES[arch];
  const ofDomains = readDomainCapabilities(await host.domainCapabilities({ arch, machineType, virtType }));
  if (judge('uefi', { ofDomains }).has === true) return ok('UEFI firmware is there');
  return failure('uefi-missing', {
    text: firmwares.includes('bios')
      ? 'libvirt finds no UEFI firmware, which a VM gets unless its file says firmware: bios'
      : `libvirt finds no UEFI firmware, without which no VM of ${arch} starts`,
    repair: await installingThere(packages.uefi, context.hypervisor.local),
  });
}
