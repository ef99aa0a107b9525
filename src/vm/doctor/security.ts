import { readSecurityModels } from '../../libvirt-xml/read/capabilities.ts';
import type { LocalFacts } from '../../hypervisor/local.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import type { Examination, Finding } from './finding.ts';
import { ELSEWHERE, failure, ok, unknown, warning } from './finding.ts';

/**
 * What virt-aa-helper gives no VM a disk in, by the start of its path; `/lib` means `/libvirt-vms` as well.
 * https://gitlab.com/libvirt/libvirt/-/blob/master/src/security/virt-aa-helper.c (valid_path)
 */
const REFUSED_BY_HELPER = [
  '/bin/',
  '/boot/',
  '/etc/',
  '/initrd',
  '/lib',
  '/lost+found/',
  '/proc/',
  '/sbin/',
  '/selinux/',
  '/sys/',
  '/usr/bin/',
  '/usr/lib',
  '/usr/local/bin/',
  '/usr/local/etc/',
  '/usr/local/lib',
  '/usr/local/sbin/',
  '/usr/sbin/',
  '/usr/share/',
  '/vmlinuz',
];

/** Hidden files at home: the helper's own profile denies it to look at them, but not to hand them on. */
const HIDDEN_AT_HOME = /^(?:\/home\/[^/]+|\/root)\/(?:\.|bin\/)/u;

/** What a directory of disks is labelled where SELinux is in force. */
const WANTED_TYPE = 'virt_image_t';
/** Of ~/.local/share/libvirt/images in the policy of Fedora. */
const TYPE_AT_HOME = 'svirt_home_t';

export async function checkSecurity({ context, host }: Examination): Promise<Finding> {
  const { storagePath, hypervisor } = context;
  const models = readSecurityModels(await host.capabilities());
  if (models.includes('apparmor')) return ofAppArmor(storagePath);
  if (!models.includes('selinux')) return ok('neither SELinux nor AppArmor confines QEMU');
  return hypervisor.local === undefined
    ? ELSEWHERE
    : ofSelinux(storagePath, hypervisor.local, hypervisor.isSession);
}

/**
 * Elsewhere it lets a VM have all files that its document names, and look into what is called as plow calls
 * its disks.
 */
function ofAppArmor(path: string): Finding {
  const inside = `${path === '/' ? '' : path}/`;
  if (path.includes('"') || REFUSED_BY_HELPER.some((start) => inside.startsWith(start))) {
    return failure('apparmor-denies-path', {
      text: `AppArmor: libvirt (virt-aa-helper) gives no VM a disk below ${path}`,
      repair: 'give another with --storage-path',
    });
  }
  if (HIDDEN_AT_HOME.test(inside)) {
    return unknown(`AppArmor may deny ${path}: see /etc/apparmor.d/usr.lib.libvirt.virt-aa-helper`);
  }
  return ok(`AppArmor: libvirt lets each VM have its own files below ${path}`);
}

async function ofSelinux(path: string, local: LocalFacts, isSession: boolean): Promise<Finding> {
  if ((await local.read('/sys/fs/selinux/enforce'))?.trim() === '0') {
    return ok('SELinux is permissive: it denies nothing');
  }
  const label = await local.output('stat', ['-L', '-c', '%C', '--', path]);
  const type = label?.split(':')[2];
  if (type === undefined) return unknown(`SELinux is in force, and ${path} has no label that can be read`);
  if (type === WANTED_TYPE || (isSession && type === TYPE_AT_HOME))
    return ok(`SELinux: ${path} is labelled ${type}`);
  if (type === 'nfs_t') {
    return warning('selinux-denies-nfs', {
      text: `SELinux may keep QEMU from ${path}, which is on NFS`,
      repair: 'setsebool -P virt_use_nfs on',
    });
  }
  const pattern = shellQuote(`${path.replaceAll(/[.[\]{}()*+?^$|\\]/gu, String.raw`\$&`)}(/.*)?`);
  return warning('selinux-label', {
    text: `SELinux may keep QEMU from ${path}: it is labelled ${type}, not ${WANTED_TYPE}`,
    repair: `semanage fcontext -a -t ${WANTED_TYPE} ${pattern} && restorecon -R ${shellQuote(path)}`,
  });
}
