import { posix } from 'node:path';
import type { HostFacts } from '../../libvirt-xml/read/capabilities.ts';
import type { Permissions } from '../../libvirt-xml/read/storage.ts';
import type { VmContext } from '../context.ts';
import { wayTo } from './directories.ts';
import type { Directories } from './directories.ts';
import type { LocalView } from '../../hypervisor/local.ts';
import { describePermissions } from '../storage/qemu-access.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import type { HostProblem } from '../host-problem.ts';

/** Whether others than root can put something in the place of what plow and libvirt make: links above all. */

const WRITTEN_BY_GROUP = 0o020;
const WRITTEN_BY_OTHERS = 0o002;

/**
 * Who may own a directory besides root. `unknown`: libvirt works for a user there, and does not tell which.
 */
export type Master = 'root' | 'unknown' | { readonly uid: number; readonly gid: number };

/**
 * libvirt tells QEMU's user where it works for root; in a session of this machine it works for whom plow
 * does.
 */
export async function masterOf(
  { qemuUser }: Pick<HostFacts, 'qemuUser'>,
  { local }: LocalView,
): Promise<Master> {
  if (qemuUser !== undefined) return 'root';
  const self = await local?.look('/proc/self');
  return typeof self === 'object' ? { uid: self.owner, gid: self.group } : 'unknown';
}

/** Who may write besides those that are told. */
interface Strangers {
  readonly own: boolean;
  /** As their group or as anyone. */
  readonly write: boolean;
}

/**
 * Of a file or a directory, sticky or not.
 * @param users who may own it
 * @param groups whose members may write
 */
export function strangersOf(
  { mode, owner, group }: Permissions,
  users: readonly number[],
  groups: readonly number[],
): Strangers {
  const byGroup = (mode & WRITTEN_BY_GROUP) !== 0 && !groups.includes(group);
  return { own: !users.includes(owner), write: byGroup || (mode & WRITTEN_BY_OTHERS) !== 0 };
}

/**
 * Of a directory: whether anyone but root, and the user whom a session belongs to, can change what is in it.
 */
export function isOpenToStrangers(permissions: Permissions, master: Master): boolean {
  if (master === 'unknown') return (permissions.mode & WRITTEN_BY_OTHERS) !== 0;
  const { own, write } =
    master === 'root'
      ? strangersOf(permissions, [0], [])
      : strangersOf(permissions, [0, master.uid], [master.gid]);
  return own || write;
}

/**
 * What others can change of the storage path and the directories above it, also of those that a link leads to
 * here.
 * @throws HypervisorError
 */
export async function strangersAt(
  storagePath: string,
  directories: Directories,
  host: Pick<HostFacts, 'qemuUser'>,
  { hypervisor }: Pick<VmContext, 'hypervisor'>,
): Promise<HostProblem | undefined> {
  const master = await masterOf(host, hypervisor);
  for (const place of await wayTo(storagePath, hypervisor)) {
    const permissions = await permissionsOf(place, storagePath, master, directories, hypervisor);
    if (permissions !== undefined && isOpenToStrangers(permissions, master))
      return strangers(place, permissions, master, storagePath);
  }
  return undefined;
}

/** In a session no pool is lent to what is above, which may be a home. */
async function permissionsOf(
  place: string,
  storagePath: string,
  master: Master,
  directories: Directories,
  { local }: LocalView,
): Promise<Permissions | undefined> {
  if (master === 'root' || place === storagePath) {
    const facts = await directories.facts(place);
    return typeof facts === 'object' ? facts.permissions : undefined;
  }
  const entry = await local?.look(place);
  return typeof entry === 'object' ? entry : undefined;
}

function strangers(
  place: string,
  permissions: Permissions,
  master: Master,
  storagePath: string,
): HostProblem {
  const text = `${whoElse(master)} may change what is in ${place} (it has ${describePermissions(permissions)})`;
  const elsewhere = 'give another with --storage-path';
  if (place !== storagePath || (master !== 'root' && permissions.owner !== 0))
    return { text, repair: elsewhere };
  const path = shellQuote(place);
  const owned = permissions.owner === 0 ? '' : `chown root: ${path} && `;
  return { text, repair: `${owned}chmod go-w ${path}, or ${elsewhere}` };
}

function whoElse(master: Master): string {
  return master === 'root' ? 'users other than root' : 'users other than you and root';
}

/** A directory of the VM's own that is there already. */
export function strangersInside(
  path: string,
  permissions: Permissions,
  master: Master,
): HostProblem | undefined {
  if (!isOpenToStrangers(permissions, master)) return undefined;
  return {
    text: `${whoElse(master)} may change what is in ${path}, which is there already (it has ${describePermissions(permissions)})`,
    repair: 'remove it, or choose another name for the VM',
  };
}

/** Whether a link stands in place of a VM's directory; undefined where that cannot be told from here. */
export async function isLinked(path: string, hypervisor: LocalView): Promise<boolean | undefined> {
  const above = await hypervisor.realPath(posix.dirname(path));
  const real = await hypervisor.realPath(path);
  return above === undefined || real === undefined
    ? undefined
    : real !== posix.join(above, posix.basename(path));
}
