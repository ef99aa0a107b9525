import { isReason } from '../../errors/hypervisor-error.ts';
import type { HypervisorError } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Volume } from '../../hypervisor/storage.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import { volumeXml } from '../../libvirt-xml/write/storage.ts';
import { allOf, isElsewhere } from '../at-once.ts';
import type { VmContext } from '../context.ts';
import { explain, explaining } from '../failure.ts';
import type { ImageAgain } from '../image/again.ts';
import { adoptDisk } from './adopt-data.ts';
import { whyTaken } from './check-leftovers.ts';
import type { PlannedSeed, PlannedVolume } from './plan.ts';
import type { VmPlace } from './vm-place.ts';

/**
 * Makes the boot disk and the data disks in the VM's directory, or takes them as they are there, one after
 * the other unless they can be made at the same time.
 * @throws PlowError (storage), Interrupted
 */
export async function createDisks(
  disks: readonly PlannedVolume[],
  baseImage: ImageAgain | undefined,
  place: VmPlace,
): Promise<void> {
  const make = async (disk: PlannedVolume): Promise<void> => {
    place.context.signal.throwIfAborted();
    if (disk.isAdopted === true) await adoptDisk(disk, place);
    else if (disk.from === undefined) await createVolume(disk, place);
    else if (baseImage === undefined) throw new PlowError('storage', neverLookedAt(disk.from.image));
    else if (disk.from.how === 'copy') await copyVolume(disk, (work) => baseImage.withVolume(work), place);
    else {
      // Just before libvirt makes something that stands on it.
      await baseImage.check();
      await createVolume(disk, place);
    }
  };
  const unseen = baseImage === undefined ? disks.find(({ from }) => from !== undefined)?.from : undefined;
  if (unseen !== undefined) throw new PlowError('storage', neverLookedAt(unseen.image));
  if (isMadeAtOnce(disks, place.context)) await allOf(disks.map(make));
  else for (const disk of disks) await make(disk);
}

/**
 * Elsewhere, what is of a moment each: no copy, beside which libvirt would refuse other work, and nothing
 * that is there already.
 */
export function isMadeAtOnce(disks: readonly PlannedVolume[], { hypervisor }: VmContext): boolean {
  return isElsewhere(hypervisor) && disks.every(({ from, isAdopted }) => from?.how !== 'copy' && !isAdopted);
}

/** What is to begin as an image never begins empty. */
function neverLookedAt(image: string): string {
  return `nobody has looked at the image ${image}: no disk is made of it`;
}

/** Runs work with the volume that something begins as. */
type WithVolume = (work: (source: Volume) => Promise<Volume>) => Promise<Volume>;

/** A full copy, on no other file, grown to its size. @throws PlowError (storage) */
export async function copyVolume(disk: PlannedVolume, withVolume: WithVolume, place: VmPlace): Promise<void> {
  const { pool } = place;
  const { name, bytes } = disk;
  // For a clone, libvirt has no error number of its own for a name that is taken.
  const taken = await explaining(pool.findVolume(name), 'storage', `cannot create ${name}`);
  if (taken !== undefined) throw await nameTaken(disk, place);
  const document = documentOf(disk);
  const copy = await created(
    disk,
    withVolume((source) => pool.cloneVolume(document, source)),
    place,
  );
  await growTo(bytes, copy);
}

/** A copy of a qcow2 image comes out as large as the image, whatever was asked for. */
async function growTo(capacityBytes: number, volume: Volume): Promise<void> {
  const message = `cannot grow ${volume.name}`;
  const facts = readVolume(await explaining(volume.xml(), 'storage', message));
  if (facts.capacityBytes < capacityBytes) await explaining(volume.resize(capacityBytes), 'storage', message);
}

/** Uploads what sets up the guest into the VM's directory. @throws PlowError (storage), Interrupted */
export async function createSeed({ volume: planned, bytes }: PlannedSeed, place: VmPlace): Promise<void> {
  const { progress, signal } = place.context;
  signal.throwIfAborted();
  const { name } = planned;
  const volume = await createVolume(planned, place);
  const upload = volume.upload(bytes, (sent) => progress.transfer(name, sent, bytes.length));
  await explaining(upload, 'storage', `cannot upload ${name}`);
}

/** As it is planned, and nothing in it. @throws PlowError (storage) */
export function createVolume(volume: PlannedVolume, place: VmPlace): Promise<Volume> {
  return created(volume, place.pool.createVolume(documentOf(volume)), place);
}

function documentOf({ name, format, bytes, from }: PlannedVolume): string {
  const isOverlay = from?.how === 'overlay' && from.format !== undefined;
  const backing = isOverlay ? { path: from.image, format: from.format } : undefined;
  return volumeXml({ name, format, capacityBytes: bytes, backing });
}

async function created(planned: PlannedVolume, creating: Promise<Volume>, place: VmPlace): Promise<Volume> {
  const { name } = planned;
  try {
    const volume = await creating;
    place.onFailure(`volume ${name}`, () => volume.delete());
    return volume;
  } catch (error) {
    if (isReason(error, 'already-exists')) throw await nameTaken(planned, place, error);
    throw explain(error, 'storage', `cannot create ${name}`);
  }
}

/** It was not there when the VM's directory was looked at. */
async function nameTaken(
  { name, path }: PlannedVolume,
  { uuid, context }: VmPlace,
  error?: HypervisorError,
): Promise<PlowError> {
  const taking = whyTaken(path, uuid, context);
  const { text, repair } = await explaining(taking, 'storage', `cannot create ${name}`);
  return new PlowError('storage', text, {
    hint: repair,
    ...(error === undefined ? {} : { detail: error.describe(), cause: error }),
  });
}
