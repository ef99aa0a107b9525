import { posix } from 'node:path';
import type { LoadedMachine } from '../../config/machine.ts';
import { bootDiskFile } from '../../config/vm-paths.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { readLayers } from '../../libvirt-xml/snapshot/layers.ts';
import type { DiskLayers } from '../../libvirt-xml/snapshot/layers.ts';
import { readSnapshot } from '../../libvirt-xml/snapshot/read.ts';
import { readBootDisk } from '../../libvirt-xml/read/used-files.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { GIB } from '../../text/units.ts';
import { endingWith } from '../at-once.ts';
import type { VmContext } from '../context.ts';
import { chooseKind } from '../create/choose-kind.ts';
import { inspectStoragePath } from '../create/check-storage-path.ts';
import type { PlannedVolume } from '../create/plan.ts';
import { lookAround } from '../create/preflight.ts';
import { explaining } from '../failure.ts';
import { Complaints } from '../host/complaints.ts';
import type { Report } from '../host/inspection.ts';
import { inspectBaseImage } from '../image/check.ts';
import type { BaseImage } from '../image/check.ts';
import { inspectImageNeeds } from '../image/needs.ts';
import { withNamedImage } from '../image-store/named-image.ts';
import { unusedAmong } from '../ownership/remove-unused.ts';
import { machineOf, withImage } from './candidate.ts';
import type { OwnVm } from './look.ts';

/** A boot disk that is to be made, and the one that is there. */
export interface Plan {
  readonly loaded: LoadedMachine;
  readonly disk: PlannedVolume;
  readonly image: BaseImage;
  /** The disk that the VM starts from now. */
  readonly old: DiskLayers & { readonly path: string };
}

export interface ImageWish {
  /** Word or path; undefined: the newest of the name that the VM has, or that its file says. */
  readonly image: string | undefined;
  /** What the VM is to be; undefined: as it is. Of it only the boot disk and the guest are looked at. */
  readonly file: LoadedMachine | undefined;
}

/**
 * Looks whether a VM can get a new boot disk, before anything is changed.
 * @param mark of its files @throws PlowError with one line per mistake; HypervisorError
 */
export async function planRebuild(
  vm: OwnVm,
  { image, file }: ImageWish,
  mark: string,
  context: VmContext,
): Promise<Plan> {
  const old = await oldDiskOf(vm, context);
  const given = file === undefined ? await machineOf(vm, image, context) : withImage(file, image);
  const loaded = await withNamedImage(given, context);
  const { bootDisk } = loaded.machine;
  if (bootDisk.image === undefined || loaded.localImage !== undefined) {
    throw new PlowError(
      'operation',
      `${loaded.locate(['boot_disk', 'image'])}: a new disk begins as an image`,
      {
        hint: '--image names one that is on the hypervisor; plow image import brings a file of this machine there',
      },
    );
  }
  const base = await inspect(loaded, context);
  const { format } = bootDisk;
  const name = bootDiskFile(format, mark);
  const disk: PlannedVolume = {
    name,
    path: `${vm.metadata.directory}/${name}`,
    format,
    bytes: bootDisk.sizeGib * GIB,
    from: { image: bootDisk.image, how: format === 'qcow2' ? 'overlay' : 'copy', format: base.format },
  };
  return { loaded, disk, image: base, old };
}

/** @throws PlowError (operation) where it is not the VM's alone to be thrown away */
async function oldDiskOf(vm: OwnVm, context: VmContext): Promise<Plan['old']> {
  const { domain, text, stored, metadata } = vm;
  const { name, uuid } = domain;
  const refuse = (why: string, hint?: string): never => {
    throw new PlowError(
      'operation',
      `VM '${name}' is not rebuilt: ${why}`,
      hint === undefined ? {} : { hint },
    );
  };
  const target = readBootDisk(stored)?.target;
  const found = readLayers(text).find((disk) => disk.target === target);
  const path = found?.path;
  if (found === undefined || path === undefined)
    return refuse('the disk that it starts from is no file of its own');
  if (posix.dirname(path) !== metadata.directory)
    refuse(`${path}, which it starts from, is not in its directory ${metadata.directory}`);
  const { documents } = await domain.snapshots();
  const [snapshot] = documents
    .map(readSnapshot)
    .filter(({ isOfDisksOnly, disks }) => !isOfDisksOnly || disks.some((disk) => disk.target === target));
  if (snapshot !== undefined) {
    const argument = shellArgument(name);
    refuse(
      `its snapshot '${snapshot.name}' holds the disk that it starts from`,
      `plow snapshot delete ${argument} ${shellArgument(snapshot.name)} forgets it`,
    );
  }
  const own = found.paths.filter((one) => posix.dirname(one) === metadata.directory);
  const { left } = await unusedAmong(uuid, own, context);
  const [used] = left;
  if (used !== undefined) refuse(`${used[0]}: ${used[1]}`);
  return { ...found, path };
}

/** What only the hypervisor can tell of the image, and of the room for a disk. @throws PlowError */
async function inspect(loaded: LoadedMachine, context: VmContext): Promise<BaseImage> {
  const { machine } = loaded;
  const complaints = new Complaints(loaded);
  const { report } = complaints;
  const doubt: Report = (path, text) => context.progress.note(`${loaded.locate(path)}: ${text}`);
  const { early, ...surroundings } = await lookAround(context);
  const inspection = { ...surroundings, report, doubt, notChecked: () => {} };
  const looking = async (): Promise<BaseImage | undefined> => {
    const kind = chooseKind(machine, surroundings.host, report);
    await inspectImageNeeds(machine, kind, inspection);
    const cannot = `cannot look at the image ${machine.bootDisk.image}`;
    const base = await explaining(inspectBaseImage(machine, inspection), 'storage', cannot);
    const ofStoragePath = await inspectStoragePath({ ...machine, dataDisks: [] }, base, inspection);
    for (const line of ofStoragePath) complaints.say(line);
    return base;
  };
  const base = await endingWith(early, looking());
  if (complaints.areNone && base === undefined)
    complaints.say(`${machine.bootDisk.image} could not be looked at`);
  const error = complaints.error();
  if (error !== undefined || base === undefined) throw error;
  return base;
}
