import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { readDomainCapabilities } from '../../libvirt-xml/read/domain-capabilities.ts';
import { judge } from '../features/judge.ts';
import type { Examination, Finding } from './finding.ts';
import { failure, ok, unknown } from './finding.ts';

export async function checkUefi({ host }: Examination): Promise<Finding> {
  const [virtType] = readCapabilities(await host.capabilities()).virtTypes;
  if (virtType === undefined) return unknown('there is no QEMU');
  const ofDomains = readDomainCapabilities(await host.domainCapabilities(virtType));
  if (judge('uefi', { ofDomains }).has === true) return ok('UEFI firmware is there');
  return failure('uefi-missing', {
    text: 'libvirt finds no UEFI firmware, which a VM gets unless its file says firmware: bios',
    repair: 'apt install ovmf (Debian, Ubuntu) or dnf install edk2-ovmf (Fedora, RHEL)',
  });
}
