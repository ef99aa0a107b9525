import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import {
  isDiskFile,
  isMarkedFile,
  isProvisioningFile,
  isSnapshotFile,
  snapshotOfNvramCopy,
} from '../../config/vm-paths.ts';
import { keptPaths, rebuildOf } from '../../libvirt-xml/metadata/rebuild.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import { readSnapshot } from '../../libvirt-xml/snapshot/read.ts';
import { shellArgument, shellQuote } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { isOnItsWay } from '../list/list.ts';
import type { VmRow } from '../list/list.ts';
import { presentVm } from '../list/unknown-vm.ts';
import { removeUnused, unusedAmong } from '../ownership/remove-unused.ts';
import { readDocument } from '../read-document.ts';
import { sweep } from '../snapshot/spare.ts';
import { withFreshLookOn, withLookOn, withPoolOn } from '../storage/directory-pool.ts';
import { lastTouch, NOBODY } from './directories.ts';
import type { Fate, Garbage, Left } from './garbage.ts';

/** What was written to later than that may be of a snapshot that is taken just now. */
const SETTLED_MS = 10 * 60_000;

/**
 * Files that plow made in the directories of VMs that are there, and that none of them needs: layers that a
 * snapshot command which was killed has left, and disks that were detached.
 * @throws PlowError, HypervisorError
 */
export async function findInVmDirectories(
  rows: readonly VmRow[],
  context: VmContext,
): Promise<readonly Garbage[]> {
  const files: VmFile[] = [];
  for (const row of rows) {
    context.signal.throwIfAborted();
    files.push(...(await filesOf(row, context)));
  }
  const { unused } = await unusedAmong(
    NOBODY,
    files.map(({ path }) => path),
    context,
  );
  const spare = new Set(unused);
  return files.flatMap((file) => (spare.has(file.path) ? [garbageOf(file, context)] : []));
}

interface VmFile {
  readonly vm: string;
  readonly path: string;
  readonly facts: VolumeFacts | undefined;
  /** A rebuild keeps it until the VM has proved itself. */
  readonly isKept: boolean;
}

/** Those that may be spare. */
async function filesOf({ name, own, state }: VmRow, context: VmContext): Promise<readonly VmFile[]> {
  // A file in the directory of an incomplete VM goes with it, and of one on its way its move knows.
  if (own === undefined || state === 'incomplete' || isOnItsWay(state)) return [];
  const { directory } = own;
  if (posix.basename(directory) !== own.declared.name) return [];
  const there = await namesIn(directory, context);
  const names = there.filter((file) => isSnapshotFile(file) || isDiskFile(file) || isProvisioningFile(file));
  const copies = names.flatMap((file) => snapshotOfNvramCopy(file) ?? []);
  const kept = copies.length === 0 ? new Set() : await snapshotsOf(name, context);
  const perhaps = names.filter((file) => {
    const copyOf = snapshotOfNvramCopy(file);
    return copyOf === undefined || !kept.has(copyOf);
  });
  if (perhaps.length === 0) return [];
  const former = await keptByRebuild(name, perhaps, directory, context);
  return withLookOn(directory, context, async (pool) => {
    const files: VmFile[] = [];
    for (const file of perhaps) {
      using volume = await pool.findVolume(file);
      const facts = volume && readVolume(await volume.xml());
      const path = `${directory}/${file}`;
      files.push({ vm: name, path, facts, isKept: former.includes(path) });
    }
    return files;
  });
}

/** Asked of those alone that have a second one of something. */
async function keptByRebuild(
  name: string,
  files: readonly string[],
  directory: string,
  { hypervisor }: VmContext,
): Promise<readonly string[]> {
  if (!files.some(isMarkedFile)) return [];
  using domain = await presentVm(name, hypervisor);
  const rebuild = rebuildOf(readDocument({ name, xml: await domain.xml('stored') }));
  return rebuild === undefined ? [] : keptPaths(rebuild, directory);
}

async function namesIn(directory: string, context: VmContext): Promise<readonly string[]> {
  const seen = await context.hypervisor.local?.names(directory);
  if (seen !== undefined) return seen;
  try {
    return await withFreshLookOn(directory, context, (pool) => pool.volumeNames());
  } catch (error) {
    if (isReason(error, 'no-such-file') || isReason(error, 'not-a-directory')) return [];
    throw error;
  }
}

async function snapshotsOf(name: string, { hypervisor }: VmContext): Promise<ReadonlySet<string>> {
  using domain = await presentVm(name, hypervisor);
  const { documents } = await domain.snapshots();
  return new Set(documents.map((document) => readSnapshot(document).name));
}

function garbageOf(file: VmFile, context: VmContext): Garbage {
  const { vm, path, facts } = file;
  const base = posix.basename(path);
  if (file.isKept) return keptFile(file);
  if (isMarkedFile(base) || isProvisioningFile(base)) return replacedBy(file, context);
  const isSnapshots = isSnapshotFile(posix.basename(path));
  return {
    kind: isSnapshots ? 'snapshot file' : 'disk',
    what: path,
    bytes: facts?.allocationBytes,
    why: isSnapshots ? `no snapshot of VM '${vm}' needs it` : `VM '${vm}' has it no more`,
    fate: isSnapshots ? fateOf(vm, path, facts, context) : { stays: attachIt(vm, path) },
  };
}

function keptFile({ vm, path, facts }: VmFile): Garbage {
  const command = `plow rebuild ${shellArgument(vm)}`;
  return {
    kind: 'disk',
    what: path,
    bytes: facts?.allocationBytes,
    why: `VM '${vm}' had it before it was rebuilt`,
    fate: { stays: `it is kept: ${command} --drop-old removes it, --undo brings it back` },
  };
}

/** What came anew to a VM, or was there before: plow that was killed has left it. */
function replacedBy({ vm, path, facts }: VmFile, context: VmContext): Garbage {
  const young = whyAtWork(facts, context);
  const remove = async (): Promise<Left> => {
    const owner = { uuid: NOBODY };
    const { left } = await withPoolOn(posix.dirname(path), context, (pool) =>
      removeUnused(owner, [path], pool, context),
    );
    return left;
  };
  return {
    kind: 'disk',
    what: path,
    bytes: facts?.allocationBytes,
    why: `VM '${vm}' has another one by now`,
    fate: young === undefined ? { remove } : { stays: young },
  };
}

function attachIt(vm: string, path: string): string {
  return `there may be data on it: virsh attach-disk gives it to VM '${vm}' again, rm ${shellQuote(path)} removes it`;
}

function fateOf(vm: string, path: string, facts: VolumeFacts | undefined, context: VmContext): Fate {
  const young = whyAtWork(facts, context);
  if (young !== undefined) return { stays: young };
  return {
    remove: async () => {
      using domain = await presentVm(vm, context.hypervisor);
      const { left } = await withPoolOn(posix.dirname(path), context, (pool) => sweep(domain, pool, context));
      const why = left.get(path);
      return new Map(why === undefined ? [] : [[path, why]]);
    },
  };
}

/** Undefined for what nobody has written to lately. */
function whyAtWork(facts: VolumeFacts | undefined, { now }: VmContext): string | undefined {
  const touched = facts && lastTouch(facts);
  const age = now().getTime() - 1000 * (touched ?? Infinity);
  return age >= SETTLED_MS ? undefined : 'it was written to in the last 10 minutes: a plow may be at work';
}
