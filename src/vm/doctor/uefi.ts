import { ARCHITECTURES } from '../../config/architectures.ts';
import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { hasUefi } from '../../libvirt-xml/read/firmware.ts';
import { installing } from '../host-problem.ts';
import type { Examination, Finding } from './finding.ts';
import { failure, ok, unknown } from './finding.ts';

export async function checkUefi({ context, capabilities }: Examination): Promise<Finding> {
  const { arch, virtTypes } = readCapabilities(await capabilities());
  const [virtType] = virtTypes;
  if (virtType === undefined) return unknown('there is no QEMU');
  const { firmwares, machineType, packages } = ARCHITECTURES[arch];
  if (hasUefi(await context.hypervisor.domainCapabilities({ arch, machineType, virtType })))
    return ok('UEFI firmware is there');
  return failure({
    text: firmwares.includes('bios')
      ? 'libvirt finds no UEFI firmware, which a VM gets unless its file says firmware: bios'
      : `libvirt finds no UEFI firmware, without which no VM of ${arch} starts`,
    repair: installing(packages.uefi),
  });
}
