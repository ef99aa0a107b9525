import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { impassable } from '../host/directories.ts';
import { lookAtPath, nearestAbove, whyNotMade } from '../host/own-storage-path.ts';
import type { Above } from '../host/own-storage-path.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { flawProblem, noStoragePath } from '../host/storage-path.ts';
import { strangersAt } from '../host/strangers.ts';
import type { Examination, Finding } from './finding.ts';
import { ELSEWHERE, failure, ok, READ_ONLY, unknown } from './finding.ts';

/**
 * Looks at the storage path and, outside of libvirt's own directories, at each above it: a temporary pool
 * each.
 */
export async function checkStoragePath({
  context,
  directories,
  host: source,
}: Examination): Promise<Finding> {
  const path = context.storagePath;
  const seen = await lookAtPath(path, directories, context.hypervisor);
  if ('closed' in seen) return failure('storage-path-closed', seen.closed);
  const { facts } = seen;
  if (facts === 'unseen') return unknown(directories.unseen.get(path) ?? READ_ONLY);
  if (facts === 'no-such-file' && context.makesStoragePath === true) {
    const above = await nearestAbove(path, context.hypervisor);
    if (above !== undefined) return whetherMade(path, above, context.hypervisor);
  }
  if (typeof facts === 'string') return failure('storage-path-missing', noStoragePath(path, facts));
  const host = readCapabilities(await source.capabilities());
  const problem = await impassable(path, directories, host);
  if (problem !== undefined) return failure('storage-path-impassable', problem);
  const strangers = await strangersAt(path, directories, host, context);
  if (strangers !== undefined) return failure('storage-path-open', strangers);
  const who =
    host.qemuUser === undefined ? '' : `, and QEMU's user (uid ${host.qemuUser.uid}) may pass through`;
  return ok(`${path} is a directory${who}`);
}

/** What the first create will meet. */
async function whetherMade(path: string, above: Above, hypervisor: Hypervisor): Promise<Finding> {
  const problem = await whyNotMade(above, ['no-direct-io', 'read-only'], hypervisor);
  return problem === undefined
    ? ok(`${path} is made by the first create`)
    : failure('storage-path-not-made', problem);
}

export async function checkDirectIo({ context }: Examination): Promise<Finding> {
  const { hypervisor, makesStoragePath, storagePath } = context;
  if (hypervisor.local === undefined) return ELSEWHERE;
  const isMissing = makesStoragePath === true && (await hypervisor.local.look(storagePath)) === 'ENOENT';
  const above = isMissing ? await nearestAbove(storagePath, hypervisor) : undefined;
  const path = above?.path ?? storagePath;
  const flaw = await hypervisor.findFlaw(path);
  if (flaw === undefined) return unknown(`no file can be made in ${path} to try it with`);
  const problem = flawProblem(flaw, path);
  return problem === undefined
    ? ok(`the file system of ${path} does direct I/O`)
    : failure('direct-io-missing', problem);
}
