import { posix } from 'node:path';
import type { DiskFormat } from '../../config/machine.ts';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import type { DiskLayers } from '../../libvirt-xml/snapshot/layers.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { bootDiskOf } from '../export/disks.ts';
import type { ExportedVm } from '../export/export-vm.ts';
import { MOST_LAYERS, whyNot } from '../snapshot/chains.ts';
import { unknownSnapshot } from '../snapshot/list.ts';
import { chainsOf, readVm } from '../snapshot/look.ts';
import type { SnapshotVm } from '../snapshot/look.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { lookAt } from '../storage/find-volume.ts';
import type { CloneWish } from './wish.ts';

/** A file that a disk of a clone begins as. */
export interface SourceDisk {
  readonly path: string;
  /** In the words of the document that names it. */
  readonly on: DiskLayers;
  readonly format: DiskFormat;
  /** Of the file. */
  readonly facts: VolumeFacts;
  /** What a copy takes up, as far as it can be told: more, where what is below is compressed. */
  readonly copiedBytes: number;
}

/** What a clone is made of. */
export interface Source {
  readonly vm: SnapshotVm;
  /** The boot disk first, then the data disks of the draft. */
  readonly disks: readonly SourceDisk[];
}

/** Looks at the files that a clone is to begin as. @throws PlowError, HypervisorError */
export async function lookAtSource(
  exported: ExportedVm,
  wish: CloneWish,
  context: VmContext,
): Promise<Source> {
  const { domain, evidence, draft } = exported;
  const { name } = domain;
  const vm = await readVm(domain, context.hypervisor.places);
  const layers = wish.snapshot === undefined ? stillDisks(vm) : await frozenDisks(vm, wish.snapshot, context);
  const boot = bootDiskOf(evidence)?.target;
  const targets = [boot, ...(draft.values.data_disks ?? []).map(({ device }) => device)];
  const found = targets.map((target) => {
    const on = layers.find((disk) => disk.target === target);
    if (on?.path === undefined) {
      const place = wish.snapshot === undefined ? 'is not a file' : `is not in snapshot '${wish.snapshot}'`;
      throw notCloned(name, `its disk ${target ?? 'to start from'} ${place}`);
    }
    if (wish.isLinked && on.paths.length >= MOST_LAYERS)
      throw notCloned(
        name,
        `disk ${on.target} has ${on.paths.length} layers, and a clone would have one more`,
      );
    return { on, path: on.path };
  });
  const facts = await factsOf(
    found.map(({ path }) => path),
    context,
  );
  const disks: SourceDisk[] = [];
  for (const { on, path } of found) {
    const disk = checked(name, { on, path, facts: facts.get(path) });
    disks.push({ ...disk, copiedBytes: wish.isLinked ? 0 : await bytesOf(disk.facts, context) });
  }
  return { vm, disks };
}

/** Of a VM that is off: nobody writes to them. */
function stillDisks({ name, status, disks }: SnapshotVm): readonly DiskLayers[] {
  const argument = shellArgument(name);
  if (status.managedSave === true) {
    throw notCloned(
      name,
      'its memory was saved, and goes with its disks',
      `plow start ${argument} lets it go on`,
    );
  }
  if (!status.active) return disks;
  throw notCloned(
    name,
    `it is ${status.state}, and its disks change while they are copied`,
    `plow stop ${argument} first; or plow snapshot create ${argument} now, and --snapshot now clones that`,
  );
}

/** Of a snapshot, which nobody writes to any more. */
async function frozenDisks(
  vm: SnapshotVm,
  wanted: string,
  context: VmContext,
): Promise<readonly DiskLayers[]> {
  const record = vm.records.find(({ name }) => name === wanted);
  if (record === undefined) throw unknownSnapshot(vm, wanted);
  const chains = await withPoolOn(vm.directory, context, (pool) => chainsOf(vm, pool, context));
  const obstacle = whyNot(record, chains);
  if (obstacle !== undefined)
    throw notCloned(vm.name, `snapshot '${wanted}' is not whole any more: ${obstacle}`);
  return record.disks;
}

/** @throws PlowError (operation) where a disk must not be copied */
function checked(
  name: string,
  { on, path, facts }: Pick<SourceDisk, 'on' | 'path'> & { readonly facts: VolumeFacts | undefined },
): Omit<SourceDisk, 'copiedBytes'> {
  if (facts === undefined) throw notCloned(name, `${path} is not there`);
  const { format } = on;
  if (format !== 'qcow2' && format !== 'raw') throw notCloned(name, `disk ${on.target} is ${format}`);
  // What a guest writes into a raw disk may look like an image that stands on any file of the host.
  if (facts.format !== format)
    throw notCloned(name, `${path} is ${format}, and libvirt takes it for ${facts.format}`);
  return { path, on, format, facts };
}

/** With all that is below, as a copy stands on nothing. */
async function bytesOf(top: VolumeFacts, context: VmContext): Promise<number> {
  let bytes = top.allocationBytes;
  let below = top.backingPath;
  for (let depth = 0; below !== undefined && depth < MOST_LAYERS; depth += 1) {
    const found = await factsOf([below], context).catch((error: unknown) => {
      if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
      return undefined;
    });
    const facts = found?.get(below);
    bytes += facts?.allocationBytes ?? 0;
    below = facts?.backingPath;
  }
  return Math.min(bytes, top.capacityBytes);
}

/** Of files that are there, by path. @throws HypervisorError */
async function factsOf(
  paths: readonly string[],
  context: VmContext,
): Promise<ReadonlyMap<string, VolumeFacts>> {
  const facts = new Map<string, VolumeFacts>();
  for (const directory of new Set(paths.map((path) => posix.dirname(path)))) {
    await withPoolOn(directory, context, async (pool) => {
      for (const path of paths.filter((one) => posix.dirname(one) === directory)) {
        using found = await lookAt(pool, posix.basename(path), context);
        if (found !== undefined) facts.set(path, found.facts);
      }
    });
  }
  return facts;
}

/** @throws PlowError (operation) where somebody has written to such files since they were looked at */
export async function refuseIfWritten(
  { vm, disks }: Source,
  wish: CloneWish,
  context: VmContext,
): Promise<void> {
  const found = await factsOf(
    disks.map(({ path }) => path),
    context,
  );
  for (const { path, facts } of disks) {
    const now = found.get(path);
    const isSame = now !== undefined && markOf(now, wish) === markOf(facts, wish);
    if (!isSame) throw notCloned(vm.name, `${path} was written to meanwhile`);
  }
}

/** Those of a snapshot change owners when the source starts, and what is in them never. */
function markOf({ mark, writtenAt }: VolumeFacts, { snapshot }: CloneWish): unknown {
  return snapshot === undefined ? mark : writtenAt;
}

function notCloned(name: string, why: string, hint?: string): PlowError {
  const message = `VM '${name}' cannot be cloned: ${why}`;
  return new PlowError('operation', message, hint === undefined ? {} : { hint });
}
