import { seedFiles, SEED_VOLUME_ID } from '../../../src/provision/cloud-init/seed-files.ts';
import type { Machine } from '../../../src/config/machine.ts';
import { GIB } from '../../../src/text/units.ts';
import { writeIso } from '../../../src/iso9660/write-iso.ts';
import { domainXml } from '../../../src/libvirt-xml/domain/write.ts';
import { poolXml, volumeXml } from '../../../src/libvirt-xml/write/storage.ts';
import { bootDiskFile, vmDirectory } from '../../../src/config/vm-paths.ts';
import { metadataWithoutNamespace } from '../../../src/libvirt-xml/metadata/write.ts';
import { toStored } from '../../../src/libvirt-xml/metadata/stored-vm.ts';

export const UUID = '12345678-1234-4234-8234-123456789abc';
const CREATED_AT = new Date('2026-01-02T03:04:05Z');

export type Schema = 'domain' | 'storagepool' | 'storagevol';

export interface XmlDocument {
  /** Undefined for a part of a document. */
  readonly schema: Schema | undefined;
  readonly text: string;
}

/** All that plow writes for a machine. */
export interface Documents {
  readonly machine: Machine;
  /** The domain document has a backing chain. */
  readonly overlay: boolean;
  readonly xml: readonly XmlDocument[];
  /** By name. */
  readonly seed: ReadonlyMap<string, Uint8Array>;
  readonly iso: Uint8Array | undefined;
}

/** @param overlay with the boot disk on its image, in emulation; else without, in kvm */
export function buildDocuments(machine: Machine, overlay: boolean): Documents {
  const files =
    machine.cloudInit === undefined ? undefined : seedFiles(machine, machine.cloudInit, CREATED_AT);
  return {
    machine,
    overlay: overlay && machine.bootDisk.image !== undefined,
    xml: xmlDocuments(machine, overlay),
    seed: new Map(files?.map(({ name, bytes }) => [name, bytes])),
    iso: files && writeIso({ volumeId: SEED_VOLUME_ID, files, createdAt: CREATED_AT }),
  };
}

function xmlDocuments(machine: Machine, overlay: boolean): readonly XmlDocument[] {
  const { image, format, sizeGib } = machine.bootDisk;
  const directory = vmDirectory('/srv/vms', machine.name);
  const metadata = {
    status: 'creating',
    uuid: UUID,
    version: '0.1.0',
    created: CREATED_AT.toISOString(),
    directory,
    stored: toStored(machine),
  } as const;
  const virtType = overlay ? 'qemu' : 'kvm';
  const backingFormat = overlay && image !== undefined ? 'qcow2' : undefined;
  const volume = { name: bootDiskFile(format), format, capacityBytes: sizeGib * GIB };
  const backing = image === undefined ? undefined : ({ path: image, format: 'raw' } as const);
  // As the pool for a look at the base image.
  const path = image?.slice(0, Math.max(1, image.lastIndexOf('/'))) ?? directory;
  return [
    { schema: 'domain', text: domainXml(machine, { virtType, backingFormat, metadata }) },
    { schema: 'storagepool', text: poolXml({ name: `plow-${machine.name}`, uuid: UUID, path }) },
    { schema: 'storagevol', text: volumeXml({ ...volume, backing }) },
    { schema: undefined, text: metadataWithoutNamespace(metadata) },
  ];
}
