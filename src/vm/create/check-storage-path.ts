import type { FileSystemFlaw } from '../../hypervisor/local.ts';
import type { VmContext } from '../context.ts';
import type { Machine } from '../../config/machine.ts';
import { MIB } from '../../text/units.ts';
import { pastTheCache } from '../image/found.ts';
import type { BaseImage } from '../image/check.ts';
import { vmDirectory } from '../../config/vm-paths.ts';
import { impassable } from '../host/directories.ts';
import { lookAtPath, nearestAbove, whyNotMade } from '../host/own-storage-path.ts';
import { findFlawProblem, noStoragePath } from '../host/storage-path.ts';
import { explaining } from '../failure.ts';
import type { Inspection } from '../host/inspection.ts';
import { isLinked, masterOf, strangersAt, strangersInside } from '../host/strangers.ts';
import { withRepair } from '../host-problem.ts';
import type { HostProblem } from '../host-problem.ts';
import { vmDirectoryTrouble } from '../storage/vm-access.ts';

/** A fresh qcow2 file takes 200 KiB, a seed 400. */
const FRESH_FILE_BYTES = MIB / 2;

/** What is wrong with the place where the VM's directory is to be, a line each. @throws PlowError */
export function inspectStoragePath(
  machine: Machine,
  baseImage: BaseImage | undefined,
  inspection: Inspection,
): Promise<readonly string[]> {
  const looking = problemsOf(machine, baseImage, inspection);
  const { storagePath } = inspection.context;
  return explaining(looking, 'storage', `cannot look at the storage path ${storagePath}`);
}

async function problemsOf(
  machine: Machine,
  baseImage: BaseImage | undefined,
  inspection: Inspection,
): Promise<readonly string[]> {
  const { context, directories, host, notChecked, copiedBytes = 0 } = inspection;
  const path = context.storagePath;
  const flaws = needsDirectIo(machine) ? (['no-direct-io', 'read-only'] as const) : (['read-only'] as const);
  const needed = neededBytes(machine, baseImage) + copiedBytes;
  const seen = await lookAtPath(path, directories, context.hypervisor);
  if ('closed' in seen) return [withRepair(seen.closed)];
  const { facts } = seen;
  if (facts === 'not-a-directory') return [withRepair(noStoragePath(path, facts))];
  if (facts === 'unseen') {
    const why = directories.unseen.get(path) ?? `no pool shows ${path}`;
    context.progress.note(`the storage path ${path} was not looked at: ${why}`);
    notChecked({ check: 'storage-path', path, why });
    return [];
  }
  if (facts === 'no-such-file') {
    const problem = await whyStaysMissing(flaws, needed, context);
    return problem === undefined ? [] : [problem];
  }
  const problems = [
    wordsOf(await impassable(path, directories, host)),
    wordsOf(await strangersAt(path, directories, host, context)),
    await whyNotOwn(machine, inspection),
    tooFull(path, facts.availableBytes, needed),
    wordsOf(await findFlawProblem(path, flaws, context.hypervisor)),
  ];
  return problems.filter((problem) => problem !== undefined);
}

/** Of a storage path that is not there, and may be one that create makes. */
async function whyStaysMissing(
  flaws: readonly FileSystemFlaw[],
  needed: number,
  { hypervisor, makesStoragePath, storagePath: path }: VmContext,
): Promise<string | undefined> {
  const above = makesStoragePath === true ? await nearestAbove(path, hypervisor) : undefined;
  if (above === undefined)
    return `${withRepair(noStoragePath(path, 'no-such-file'))}, or give another with --storage-path`;
  const { entry } = above;
  const available = typeof entry === 'object' ? entry.availableBytes : undefined;
  return wordsOf(await whyNotMade(above, flaws, hypervisor)) ?? tooFull(above.path, available, needed);
}

/**
 * The VM's own directory may be there already, with an owner and a mode of its own. It is seen from the
 * storage path: a pool on the directory itself would be in the way of another create of that name. Nothing is
 * changed for one that is wrong, as a create that fails would have to change it back.
 */
async function whyNotOwn(
  { name }: Machine,
  { context, directories, host }: Inspection,
): Promise<string | undefined> {
  const { hypervisor, storagePath } = context;
  const path = vmDirectory(storagePath, name);
  const looking = directories.visit(storagePath, (view) => view.entry(name));
  const facts = await explaining(looking, 'storage', `cannot look at ${path}`);
  if (typeof facts !== 'object' || facts.type !== 'dir') return undefined;
  if ((await isLinked(path, hypervisor)) === true) return linkInPlace(path);
  if (facts.permissions === undefined) return undefined;
  const { qemuUser } = host;
  const problem =
    strangersInside(path, facts.permissions, await masterOf(host, hypervisor)) ??
    (qemuUser && vmDirectoryTrouble(path, facts.permissions, qemuUser));
  return wordsOf(problem);
}

/** Behind it may be anyone's, and destroy would leave all of it there. */
export function linkInPlace(path: string): string {
  return `${path} is a link, and a VM needs a directory of its own: remove the link, or choose another name for the VM`;
}

function wordsOf(problem: HostProblem | undefined): string | undefined {
  return problem && withRepair(problem);
}

function needsDirectIo({ bootDisk, dataDisks }: Machine): boolean {
  return [bootDisk, ...dataDisks].some(({ cache }) => pastTheCache(cache));
}

/** What is written at once; the disks grow later. */
function neededBytes({ bootDisk, dataDisks }: Machine, baseImage: BaseImage | undefined): number {
  const copy = bootDisk.format === 'raw' ? (baseImage?.allocationBytes ?? 0) : 0;
  return copy + (2 + dataDisks.length) * FRESH_FILE_BYTES;
}

function tooFull(path: string, available: number | undefined, needed: number): string | undefined {
  if (available === undefined || available >= needed) return undefined;
  return `the file system of ${path} has ${inMib(available)} free, and this VM takes ${inMib(needed)} from the start: free some, or give another with --storage-path`;
}

/**
 * Down, so that what is free never looks like enough; small figures in KiB, as two of them may be much alike.
 */
function inMib(bytes: number): string {
  return bytes < 16 * MIB ? `${Math.floor(bytes / 1024)} KiB` : `${Math.floor(bytes / MIB)} MiB`;
}
