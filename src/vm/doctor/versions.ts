import { ARCHITECTURES } from '../../config/architectures.ts';
import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { installingThere } from '../installing-there.ts';
import { judge } from '../features/judge.ts';
import { FEATURES } from '../features/table.ts';
import { versionText } from '../features/version.ts';
import type { Examination, Finding } from './finding.ts';
import { failure, ok } from './finding.ts';

/** Without it no VM is as plow means it: the oldest libvirt that README.md names. */
const LEAST = 'secure-boot-off';

export async function checkLibvirt({ host }: Examination): Promise<Finding> {
  const libvirt = await host.libvirtVersion();
  if (judge(LEAST, { libvirt }).has === true) return ok(`libvirt ${versionText(libvirt)}`);
  return failure('libvirt-too-old', {
    text: `libvirt ${versionText(libvirt)} is too old: plow needs ${versionText(FEATURES[LEAST].decided.since)} or later`,
    repair: 'upgrade the hypervisor: Debian 12, Ubuntu 22.04, RHEL 9 and later have it',
  });
}

export async function checkQemu({ context, host }: Examination): Promise<Finding> {
  const { arch, virtTypes } = readCapabilities(await host.capabilities());
  if (virtTypes.length > 0) return ok(`QEMU ${versionText(await host.qemuVersion())}`);
  return failure('qemu-missing', {
    text: `libvirt finds no QEMU that runs ${arch} guests`,
    repair: await installingThere(ARCHITECTURES[arch].packages.qemu, context.hypervisor.local),
  });
}
