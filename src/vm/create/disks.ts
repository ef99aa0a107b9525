import type { Machine } from '../../config/machine.ts';
import { GIB } from '../../text/units.ts';
import { isReason } from '../../errors/hypervisor-error.ts';
import type { HypervisorError } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import { volumeXml } from '../../libvirt-xml/write/storage.ts';
import { bootDiskFile, dataDiskFile, SEED_FILE } from '../../config/vm-paths.ts';
import type { BaseImage } from '../image/check.ts';
import type { VmContext } from '../context.ts';
import { explain, explaining } from '../failure.ts';
import { whyTaken } from './check-leftovers.ts';
import type { Pool, Volume } from '../../hypervisor/storage.ts';
import type { OnFailure } from '../rollback.ts';

/** Where the files of a VM are made, and for whom. */
export interface VmPlace {
  readonly pool: Pool;
  readonly directory: string;
  readonly uuid: string;
  readonly context: VmContext;
  readonly onFailure: OnFailure;
}

/** Makes the boot disk and the data disks in the VM's directory. @throws PlowError (storage) */
export async function createDisks(
  machine: Machine,
  baseImage: BaseImage | undefined,
  place: VmPlace,
): Promise<void> {
  await createBootDisk(machine, baseImage, place);
  for (const { device, sizeGib } of machine.dataDisks) {
    place.context.signal.throwIfAborted();
    const name = dataDiskFile(device);
    const xml = volumeXml({ name, format: 'qcow2', capacityBytes: sizeGib * GIB });
    await createVolume(name, place.pool.createVolume(xml), place);
  }
}

/**
 * qcow2: an overlay on the image. raw: a full copy of it, grown to its size. No image: an empty disk. An image is judged
 * again just before.
 */
async function createBootDisk(
  { bootDisk: { format, sizeGib, image } }: Machine,
  baseImage: BaseImage | undefined,
  place: VmPlace,
): Promise<void> {
  const { pool } = place;
  const name = bootDiskFile(format);
  const capacityBytes = sizeGib * GIB;
  if (baseImage === undefined || image === undefined) {
    const xml = volumeXml({ name, format, capacityBytes });
    await createVolume(name, pool.createVolume(xml), place);
  } else if (format === 'qcow2') {
    await baseImage.check();
    const backing = { path: image, format: baseImage.format };
    const xml = volumeXml({ name, format, capacityBytes, backing });
    await createVolume(name, pool.createVolume(xml), place);
  } else {
    const xml = volumeXml({ name, format, capacityBytes });
    // For a clone, libvirt has no error number of its own for a name that is taken.
    const taken = await explaining(pool.findVolume(name), 'storage', `cannot create ${name}`);
    if (taken !== undefined) throw await nameTaken(name, place);
    const cloning = baseImage.withVolume((source) => pool.cloneVolume(xml, source));
    const copy = await createVolume(name, cloning, place);
    await growTo(capacityBytes, copy);
  }
}

/** A copy of a qcow2 image comes out as large as the image, whatever was asked for. */
async function growTo(capacityBytes: number, volume: Volume): Promise<void> {
  const message = `cannot grow ${volume.name}`;
  const facts = readVolume(await explaining(volume.xml(), 'storage', message));
  if (facts.capacityBytes < capacityBytes) await explaining(volume.resize(capacityBytes), 'storage', message);
}

/** Uploads the seed ISO into the VM's directory. @throws PlowError (storage) */
export async function createSeed(iso: Uint8Array, place: VmPlace): Promise<void> {
  const xml = volumeXml({ name: SEED_FILE, format: 'raw', capacityBytes: iso.length });
  const volume = await createVolume(SEED_FILE, place.pool.createVolume(xml), place);
  const { progress } = place.context;
  const upload = volume.upload(iso, (sent) => progress.transfer(SEED_FILE, sent, iso.length));
  await explaining(upload, 'storage', `cannot upload ${SEED_FILE}`);
}

async function createVolume(name: string, creating: Promise<Volume>, place: VmPlace): Promise<Volume> {
  try {
    const volume = await creating;
    place.onFailure(`volume ${name}`, () => volume.delete());
    return volume;
  } catch (error) {
    if (isReason(error, 'already-exists')) throw await nameTaken(name, place, error);
    throw explain(error, 'storage', `cannot create ${name}`);
  }
}

/** It was not there when the VM's directory was looked at. */
async function nameTaken(
  name: string,
  { directory, uuid, context }: VmPlace,
  error?: HypervisorError,
): Promise<PlowError> {
  const taking = whyTaken(`${directory}/${name}`, uuid, context);
  const { text, repair } = await explaining(taking, 'storage', `cannot create ${name}`);
  return new PlowError('storage', text, {
    hint: repair,
    ...(error === undefined ? {} : { detail: error.describe(), cause: error }),
  });
}
