import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { hasUefi } from '../../libvirt-xml/read/firmware.ts';
import type { Examination, Finding } from './finding.ts';
import { failure, ok, unknown } from './finding.ts';

export async function checkUefi({ context, capabilities }: Examination): Promise<Finding> {
  const [virtType] = readCapabilities(await capabilities()).virtTypes;
  if (virtType === undefined) return unknown('there is no QEMU');
  if (hasUefi(await context.hypervisor.domainCapabilities(virtType))) return ok('UEFI firmware is there');
  return failure({
    text: 'libvirt finds no UEFI firmware, which a VM gets unless its file says firmware: bios',
    repair: 'apt install ovmf (Debian, Ubuntu) or dnf install edk2-ovmf (Fedora, RHEL)',
  });
}
