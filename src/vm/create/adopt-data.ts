import { posix } from 'node:path';
import type { Machine } from '../../config/machine.ts';
import { dataDiskFile, isDataDiskFile, vmDirectory } from '../../config/vm-paths.ts';
import { isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import { bytesText } from '../../text/quantities.ts';
import { GIB } from '../../text/units.ts';
import type { VmContext } from '../context.ts';
import { explain, explaining } from '../failure.ts';
import type { DirectoryView } from '../host/directories.ts';
import type { Inspection } from '../host/inspection.ts';
import { HEAD_BYTES, judgeImage } from '../image-format/head.ts';
import { unusedAmong } from '../ownership/remove-unused.ts';
import { lookAt } from '../storage/find-volume.ts';
import { lookInto } from './check-leftovers.ts';
import type { PlannedVolume } from './plan.ts';
import type { VmPlace } from './vm-place.ts';

/** A file that is to be a data disk. */
interface Kept {
  readonly facts: VolumeFacts;
  /** Undefined where it cannot be had. */
  readonly head: Uint8Array | undefined;
}

/**
 * Looks at the data disks that a machine is to take as they are there, and complains of each that it cannot
 * take: all that its file names are to be there, so that none begins empty unseen.
 * @returns target devices of those that are there
 * @throws PlowError (operation, storage)
 */
export async function inspectKept(machine: Machine, inspection: Inspection): Promise<readonly string[]> {
  const { context, questions, report } = inspection;
  const { name, dataDisks } = machine;
  const directory = vmDirectory(context.storagePath, name);
  if (dataDisks.length === 0) report(['name'], `VM '${name}' has no data_disks, and --adopt-data takes them`);
  const files = dataDisks.map(({ device }) => dataDiskFile(device));
  const looking = lookInto(directory, inspection, (view) => keptIn(view, files, inspection));
  const seen = await explaining(looking, 'storage', `cannot look at ${directory}`);
  if (seen === 'unseen') return dataDisks.map(({ device }) => device);
  const asking = questions.users(context);
  const users = await explaining(asking, 'operation', 'cannot look at the disks of the other VMs');
  for (const [index, disk] of dataDisks.entries()) {
    const path = `${directory}/${dataDiskFile(disk.device)}`;
    const user = users.get(path);
    const kept = typeof seen === 'string' ? undefined : seen.get(posix.basename(path));
    const problem =
      user === undefined ? whyNotTaken(path, kept, disk.sizeGib * GIB) : `${path} is in use by VM '${user}'`;
    if (problem !== undefined) report(['data_disks', index], problem);
  }
  return dataDisks.map(({ device }) => device);
}

/** By name. A file that no disk is to be is told of: it stays where it is. */
async function keptIn(
  view: DirectoryView,
  files: readonly string[],
  { context }: Inspection,
): Promise<ReadonlyMap<string, Kept> | 'unseen'> {
  const names = await view.names();
  if (names === undefined) return 'unseen';
  const kept = new Map<string, Kept>();
  for (const file of files.filter((one) => names.includes(one))) {
    const facts = await view.entry(file);
    if (facts === undefined) continue;
    const head = facts.type === 'file' ? await view.head(file, HEAD_BYTES) : undefined;
    kept.set(file, { facts, head });
  }
  for (const file of names.filter((one) => isDataDiskFile(one) && !files.includes(one)))
    context.progress.note(`${file} is there too, and the VM gets no such disk: it stays as it is`);
  return kept;
}

/** A guest, or whoever was in its place, may have written what is in it: it is looked at as an image is. */
function whyNotTaken(path: string, kept: Kept | undefined, mostBytes: number): string | undefined {
  if (kept === undefined) return `${path} is not there: without --adopt-data the disks of the VM begin empty`;
  const { facts, head } = kept;
  if (facts.type !== 'file') return `${path} is no file`;
  const { capacityBytes, backingPath } = facts;
  if (backingPath !== undefined) return `${path} stands on ${backingPath}, and a data disk stands alone`;
  const judged = judgeImage(path, 'qcow2', facts.format, head);
  if ('problem' in judged) return `${path} ${judged.problem}`;
  if (capacityBytes <= mostBytes) return undefined;
  const least = Math.ceil(capacityBytes / GIB);
  return `${path} has ${bytesText(capacityBytes)}, and a disk never shrinks: give size_gb: ${least}`;
}

/**
 * Takes a data disk as it is there, once it has been looked at again. It is no part of a rollback: it was
 * there before.
 * @throws PlowError (storage)
 */
export async function adoptDisk(disk: PlannedVolume, { pool, uuid, context }: VmPlace): Promise<void> {
  const { name, path, bytes } = disk;
  const cannot = `cannot take ${path} as a disk`;
  try {
    // By whatever name: two VMs that write to one disk destroy what is on it.
    const { left } = await unusedAmong(uuid, [path], context);
    const why = left.get(path);
    if (why !== undefined) throw new PlowError('storage', `${cannot}: ${why}`);
    using found = await lookAt(pool, name, context);
    if (found === undefined) throw new PlowError('storage', `${path} is not there any more`);
    const { facts, volume } = found;
    const head = facts.type === 'file' ? await volume.head(HEAD_BYTES) : undefined;
    const problem = whyNotTaken(path, { facts, head }, bytes);
    if (problem !== undefined) throw new PlowError('storage', problem);
    context.progress.note(`${path} is a disk of the VM again, with what it holds`);
  } catch (error) {
    if (error instanceof PlowError) throw error;
    if (isReason(error, 'no-such-file')) throw new PlowError('storage', `${path} is not there any more`);
    throw explain(error, 'storage', cannot);
  }
}

/**
 * Grows adopted disks to their sizes, as the last thing before the VM starts: no rollback makes them smaller.
 * @throws PlowError (storage)
 */
export async function growAdopted(
  disks: readonly PlannedVolume[],
  { pool, context }: VmPlace,
): Promise<void> {
  for (const { name, path, bytes } of disks.filter(({ isAdopted }) => isAdopted === true)) {
    const growing = grow(pool, name, bytes, context);
    if (await explaining(growing, 'storage', `cannot grow ${path}`))
      context.progress.note(`${path} is grown to ${bytesText(bytes)}, and stays so`);
  }
}

/** @returns false for one that has that size, or is gone */
async function grow(pool: Pool, name: string, bytes: number, context: VmContext): Promise<boolean> {
  using found = await lookAt(pool, name, context);
  if (found === undefined || found.facts.capacityBytes >= bytes) return false;
  await found.volume.resize(bytes);
  return true;
}
