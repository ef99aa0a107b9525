import type { DirectoryAccess } from '../../libvirt-xml/write/storage.ts';
import type { Permissions } from '../../libvirt-xml/read/storage.ts';
import { describePermissions, qemuAccess } from './qemu-access.ts';
import type { QemuUser } from './qemu-access.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import type { HostProblem } from '../host-problem.ts';

/** Who may pass through the directory of a VM. */

const PASSED_BY_OTHERS = 0o001;

/**
 * Of a directory that plow makes: only root, which owns it, and the group of QEMU's user pass through it.
 * libvirt makes qcow2 disks readable for all, and closes them a moment later: whoever opens one meanwhile
 * reads all that is ever written to it. Where libvirt does not tell QEMU's user, as in a session, everybody
 * has to pass.
 */
export function vmDirectoryAccess(qemuUser: QemuUser | undefined): DirectoryAccess {
  return qemuUser === undefined ? { mode: 0o711 } : { mode: 0o710, owner: 0, group: qemuUser.gid };
}

/** Whether others than QEMU's user pass through a VM's directory. */
export function isPassedByOthers({ mode }: Permissions): boolean {
  return (mode & PASSED_BY_OTHERS) !== 0;
}

/** What is wrong with the mode of a VM's directory that is there already. */
export function vmDirectoryTrouble(
  path: string,
  permissions: Permissions,
  qemuUser: QemuUser,
): HostProblem | undefined {
  const has = `(it has ${describePermissions(permissions)})`;
  const repair = closing([path], qemuUser);
  if (qemuAccess(qemuUser, permissions, 'search') === 'no')
    return { text: `QEMU's user (uid ${qemuUser.uid}) may not pass through ${path} ${has}`, repair };
  if (!isPassedByOthers(permissions)) return undefined;
  return {
    text: `other users may pass through ${path} ${has} and open the disks while they are made`,
    repair,
  };
}

/** The command that gives directories of VMs the mode of new ones; QEMU's user passes at every moment. */
export function closing(directories: readonly string[], { gid }: QemuUser): string {
  const paths = directories.map(shellQuote).join(' ');
  return `chgrp ${gid} ${paths} && chmod 0710 ${paths}`;
}
