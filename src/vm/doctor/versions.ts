import { ARCHITECTURES } from '../../config/architectures.ts';
import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { installing } from '../host-problem.ts';
import type { Examination, Finding } from './finding.ts';
import { failure, ok } from './finding.ts';

/** README.md names it too. */
const OLDEST_LIBVIRT = 7_002_000;

export async function checkLibvirt({ context }: Examination): Promise<Finding> {
  const version = await context.hypervisor.libvirtVersion();
  if (version >= OLDEST_LIBVIRT) return ok(`libvirt ${versionText(version)}`);
  return failure({
    text: `libvirt ${versionText(version)} is too old: plow needs ${versionText(OLDEST_LIBVIRT)} or later`,
    repair: 'upgrade the hypervisor: Debian 12, Ubuntu 22.04, RHEL 9 and later have it',
  });
}

export async function checkQemu({ context, capabilities }: Examination): Promise<Finding> {
  const { arch, virtTypes } = readCapabilities(await capabilities());
  if (virtTypes.length > 0) return ok(`QEMU ${versionText(await context.hypervisor.qemuVersion())}`);
  return failure({
    text: `libvirt finds no QEMU that runs ${arch} guests`,
    repair: installing(ARCHITECTURES[arch].packages.qemu),
  });
}

/** libvirt counts 1,000,000 * major + 1,000 * minor + release. */
export function versionText(version: number): string {
  return [version / 1_000_000, (version / 1000) % 1000, version % 1000].map(Math.floor).join('.');
}
