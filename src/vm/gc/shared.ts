import { posix } from 'node:path';
import type { VmContext } from '../context.ts';

/** File systems that one machine has to itself. */
const OWN = /^(?:ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|bcachefs|tmpfs|overlay)$/u;

/** proc_pid_mountinfo(5): the mount point, optional fields up to a hyphen, then the type. */
const MOUNT = /^\d+ \d+ \S+ \S+ (?<point>\S+) .*? - (?<type>\S+) /u;

const UNSEEN =
  'from here it cannot be seen whether other hypervisors have the storage path too: --not-shared says that none does';

/** Where on a machine it is said what is mounted. */
const MOUNTS = '/proc/self/mountinfo';

/**
 * Why other hypervisors may have VMs in a directory, of which this one knows nothing; undefined where they
 * cannot. @returns what tells it of a path
 */
export async function sharing({
  hypervisor,
}: VmContext): Promise<(path: string) => Promise<string | undefined>> {
  const { local } = hypervisor;
  if (local === undefined) return async () => UNSEEN;
  const mounts = (await local.read(MOUNTS)) ?? '';
  return async (path) => {
    const type = fileSystemOf((await hypervisor.realPath(path)) ?? path, mounts);
    if (type !== undefined && OWN.test(type)) return undefined;
    return `it is on ${type ?? 'an unknown file system'}, where other hypervisors may have VMs: --not-shared says that none has`;
  };
}

/** Of the mount point nearest to a path; of several on one point the last. */
function fileSystemOf(path: string, mounts: string): string | undefined {
  let nearest: { readonly point: string; readonly type: string } | undefined;
  for (const line of mounts.split('\n')) {
    const { point: escaped, type } = MOUNT.exec(line)?.groups ?? {};
    if (escaped === undefined || type === undefined) continue;
    const point = escaped.replaceAll(/\\(?<octal>\d{3})/gu, (_, octal: string) =>
      String.fromCodePoint(Number.parseInt(octal, 8)),
    );
    if (!isWithin(path, point)) continue;
    if (nearest === undefined || point.length >= nearest.point.length) nearest = { point, type };
  }
  return nearest?.type;
}

function isWithin(path: string, point: string): boolean {
  const relative = posix.relative(point, path);
  return relative === '' || !relative.startsWith('..');
}
