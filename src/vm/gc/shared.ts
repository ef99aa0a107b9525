import { posix } from 'node:path';
import type { VmContext } from '../context.ts';

/** File systems that several machines may have at the same time. */
const NETWORK = /^(?:nfs4?|cifs|smb3|ceph|gfs2|ocfs2|lustre|9p|virtiofs|afs|fuse\..+)$/u;

/** proc_pid_mountinfo(5): the mount point, optional fields up to a hyphen, then the type. */
const MOUNT = /^\d+ \d+ \S+ \S+ (?<point>\S+) .*? - (?<type>\S+) /u;

/** Where on a machine it is said what is mounted. */
const MOUNTS = '/proc/self/mountinfo';

/**
 * Why other hypervisors may have VMs below the storage path, of which this one knows nothing; undefined where
 * they cannot.
 */
export async function whyShared({ hypervisor, storagePath }: VmContext): Promise<string | undefined> {
  const { local } = hypervisor;
  if (local === undefined)
    return 'from here it cannot be seen whether other hypervisors have the storage path too: --not-shared says that none does';
  const real = (await hypervisor.realPath(storagePath)) ?? storagePath;
  const type = fileSystemOf(real, (await local.read(MOUNTS)) ?? '');
  if (type !== undefined && !NETWORK.test(type)) return undefined;
  return `the storage path is on ${type ?? 'an unknown file system'}, where other hypervisors may have VMs: --not-shared says that none has`;
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
