import type { Machine } from '../config/machine.ts';
import { GIB } from '../config/units.ts';
import { isReason } from '../errors/hypervisor-error.ts';
import type { HypervisorError } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import { readVolume } from '../libvirt-xml/read-xml.ts';
import { volumeXml } from '../libvirt-xml/storage-xml.ts';
import { bootDiskFile, dataDiskFile, SEED_FILE } from '../libvirt-xml/vm-paths.ts';
import type { BaseImage } from './base-image.ts';
import type { VmContext } from './context.ts';
import { explain, explaining } from './failure.ts';
import type { Pool, Volume } from './hypervisor.ts';
import type { OnFailure } from './rollback.ts';

/** Makes the boot disk and the data disks in the VM's directory. @throws PlowError (storage) */
export async function createDisks(
  machine: Machine,
  baseImage: BaseImage | undefined,
  pool: Pool,
  { signal }: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  await createBootDisk(machine, baseImage, pool, onFailure);
  for (const { device, sizeGib } of machine.dataDisks) {
    signal.throwIfAborted();
    const name = dataDiskFile(device);
    const xml = volumeXml({ name, format: 'qcow2', capacityBytes: sizeGib * GIB });
    await createVolume(name, pool.createVolume(xml), onFailure);
  }
}

/** qcow2: an overlay on the image. raw: a full copy of it, grown to its size. No image: an empty disk. */
async function createBootDisk(
  { bootDisk: { format, sizeGib, image } }: Machine,
  baseImage: BaseImage | undefined,
  pool: Pool,
  onFailure: OnFailure,
): Promise<void> {
  const name = bootDiskFile(format);
  const capacityBytes = sizeGib * GIB;
  if (baseImage === undefined || image === undefined) {
    const xml = volumeXml({ name, format, capacityBytes });
    await createVolume(name, pool.createVolume(xml), onFailure);
  } else if (format === 'qcow2') {
    const backing = { path: image, format: baseImage.format };
    const xml = volumeXml({ name, format, capacityBytes, backing });
    await createVolume(name, pool.createVolume(xml), onFailure);
  } else {
    const xml = volumeXml({ name, format, capacityBytes });
    // For a clone, libvirt has no error number of its own for a name that is taken.
    const taken = await explaining(pool.findVolume(name), 'storage', `cannot create ${name}`);
    if (taken !== undefined) throw nameTaken(name);
    const cloning = baseImage.withVolume((source) => pool.cloneVolume(xml, source));
    const copy = await createVolume(name, cloning, onFailure);
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
export async function createSeed(
  iso: Uint8Array,
  pool: Pool,
  { progress }: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  const xml = volumeXml({ name: SEED_FILE, format: 'raw', capacityBytes: iso.length });
  const volume = await createVolume(SEED_FILE, pool.createVolume(xml), onFailure);
  const upload = volume.upload(iso, (sent) => progress.transfer(SEED_FILE, sent, iso.length));
  await explaining(upload, 'storage', `cannot upload ${SEED_FILE}`);
}

async function createVolume(name: string, creating: Promise<Volume>, onFailure: OnFailure): Promise<Volume> {
  try {
    const volume = await creating;
    onFailure(`volume ${name}`, () => volume.delete());
    return volume;
  } catch (error) {
    if (isReason(error, 'already-exists')) throw nameTaken(name, error);
    throw explain(error, 'storage', `cannot create ${name}`);
  }
}

function nameTaken(name: string, error?: HypervisorError): PlowError {
  return new PlowError(
    'storage',
    `${name} already exists in the VM's directory, and plow overwrites nothing`,
    {
      hint: 'move the file away if it is not needed, or choose another name for the VM',
      ...(error === undefined ? {} : { detail: error.describe(), cause: error }),
    },
  );
}
