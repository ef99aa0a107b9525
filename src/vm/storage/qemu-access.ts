import type { Permissions } from '../../libvirt-xml/read/storage.ts';

export interface QemuUser {
  readonly uid: number;
  readonly gid: number;
}

/** `maybe`: only an ACL or a further group of the user, which libvirt does not tell, can allow it. */
export type Access = 'yes' | 'maybe' | 'no';

const BITS = {
  read: { owner: 0o400, group: 0o040, others: 0o004 },
  search: { owner: 0o100, group: 0o010, others: 0o001 },
} as const;

/**
 * Whether QEMU's user may read a file or pass through a directory, as far as its mode tells. Where a file has
 * an ACL, the group's bits show the most that it grants to anyone but the owner (acl(5)): without them it
 * grants nothing.
 */
export function qemuAccess(
  user: QemuUser,
  { mode, owner, group }: Permissions,
  wanted: keyof typeof BITS,
): Access {
  const bits = BITS[wanted];
  if (user.uid === 0) return 'yes';
  if (user.uid === owner) return (mode & bits.owner) === 0 ? 'no' : 'yes';
  if (user.gid === group) return (mode & bits.group) === 0 ? 'no' : 'yes';
  if ((mode & bits.others) !== 0) return 'yes';
  return (mode & bits.group) === 0 ? 'no' : 'maybe';
}

/** `mode 0700, owner 0, group 0`: why an access is denied. */
export function describePermissions({ mode, owner, group }: Permissions): string {
  return `mode ${mode.toString(8).padStart(4, '0')}, owner ${owner}, group ${group}`;
}
