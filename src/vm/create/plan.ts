import type {
  DiskFormat,
  Machine,
  NetworkInterface,
  Provisioning,
  ProvisioningFormat,
} from '../../config/machine.ts';
import { asDeclared } from '../../config/settle.ts';
import type { GuestKind } from '../../config/settle.ts';
import {
  bootDiskFile,
  CONSOLE_LOG_FILE,
  dataDiskFile,
  PROVISIONING_FILES,
  vmDirectory,
} from '../../config/vm-paths.ts';
import { writeIso } from '../../iso9660/write-iso.ts';
import { newMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import type { NewMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import { markReady, metadataWithoutNamespace } from '../../libvirt-xml/metadata/write.ts';
import type { CpuPlacement } from '../../libvirt-xml/domain/layout/write.ts';
import { domainXml } from '../../libvirt-xml/domain/write.ts';
import type { DirectoryAccess } from '../../libvirt-xml/write/storage.ts';
import type { NamedFile } from '../../provision/artefacts.ts';
import { artefactsOf } from '../../provision/provisioner.ts';
import { GIB } from '../../text/units.ts';
import type { HostKeys } from '../../provision/host-keys/open-ssh.ts';
import type { QemuUser } from '../storage/qemu-access.ts';
import { vmDirectoryAccess } from '../storage/vm-access.ts';

/**
 * All that a create makes, in the order in which it makes it: create executes it, and a dry run prints it. A
 * plain value, the same for the same VM file, facts, UUID and time. There may be secrets in its seed, and
 * the password of a screen in its domain; nowhere else.
 */
export interface VmPlan {
  readonly name: string;
  readonly uuid: string;
  readonly domain: PlannedDomain;
  /** What it says of the VM in the end. */
  readonly metadata: NewMetadata;
  /** Whose addresses no other VM may have. */
  readonly interfaces: readonly Pick<NetworkInterface, 'mac' | 'address'>[];
  readonly directory: PlannedDirectory;
  /** The boot disk first. */
  readonly disks: readonly PlannedVolume[];
  readonly seed: PlannedSeed | undefined;
  /** Empty, so that it is there with the mode of the others before anything is written to it. */
  readonly consoleLog: PlannedVolume;
  readonly autostart: boolean;
}

/** Documents for libvirt, which makes and names the NVRAM file itself where they ask for UEFI. */
export interface PlannedDomain {
  /** As it is defined before all else, which takes the name. */
  readonly reserved: string;
  /** plow's element in it as soon as the addresses are its own. */
  readonly claimed: string;
  /** plow's element in it when all is made and the VM runs. */
  readonly ready: string;
  /** All of it as it is then. */
  readonly complete: string;
}

export interface PlannedDirectory {
  readonly path: string;
  /** Where it is made: one that is there keeps its own. */
  readonly access: DirectoryAccess;
}

export interface PlannedVolume {
  /** In the VM's directory. */
  readonly name: string;
  readonly path: string;
  readonly format: DiskFormat;
  /** Virtual size. */
  readonly bytes: number;
  /** Undefined: it begins empty. */
  readonly from: VolumeOrigin | undefined;
  /** It is there already, with what it holds. */
  readonly isAdopted?: true;
}

interface VolumeOrigin {
  /** Path of the base image. */
  readonly image: string;
  /** `overlay`: the volume stands on the image; `copy`: it begins as one. */
  readonly how: 'overlay' | 'copy';
  /** Of the image; undefined where nobody could look at it. */
  readonly format: DiskFormat | undefined;
}

/** By which the guest is set up: a seed ISO, or a config of Ignition. */
export interface PlannedSeed {
  readonly format: ProvisioningFormat;
  readonly files: readonly NamedFile[];
  /** What the user wrote into them as it stands: a document, files, commands. */
  readonly own: readonly string[];
  readonly volume: PlannedVolume;
  /** What is uploaded into the volume. */
  readonly bytes: Uint8Array;
}

/** What only the hypervisor can tell. */
export interface HostChoices extends GuestKind, Pick<CpuPlacement, 'hidesThreads'> {
  readonly baseImage: { readonly format: DiskFormat } | undefined;
  readonly qemuUser: QemuUser | undefined;
  /** Data disks that are there already, by their target devices. */
  readonly adopted?: readonly string[];
  /** The hypervisor is this machine. */
  readonly isHere?: boolean | undefined;
}

/** What makes a VM another one than the last of the same file. */
export interface VmOrigin {
  readonly uuid: string;
  readonly createdAt: Date;
  /** plow's own. */
  readonly version: string;
  readonly storagePath: string;
  /** Of the guest's sshd; undefined: it makes its own. */
  readonly hostKeys?: HostKeys | undefined;
  /** Its guest has been another one's. */
  readonly isClone?: boolean;
}

export function planVm(
  machine: Machine,
  { arch, virtType, baseImage, qemuUser, adopted = [], isHere, hidesThreads }: HostChoices,
  origin: VmOrigin,
): VmPlan {
  const { uuid, createdAt, version, storagePath, hostKeys } = origin;
  const { name, interfaces, autostart } = machine;
  const path = vmDirectory(storagePath, name);
  const head = { status: 'ready', uuid, version, createdAt, directory: path } as const;
  const kind = { arch, virtType };
  const metadata = newMetadata(asDeclared(machine, kind), head, publicHalves(hostKeys));
  return {
    name,
    uuid,
    domain: planDomain(machine, { ...kind, hidesThreads }, baseImage?.format, {
      ready: metadata,
      adopted,
      isHere,
    }),
    metadata,
    interfaces: interfaces.map(({ mac, address }) => ({ mac, address })),
    directory: { path, access: vmDirectoryAccess(qemuUser) },
    disks: planDisks(machine, path, baseImage?.format, adopted),
    seed: planSeed(machine, path, origin),
    consoleLog: planVolume(path, CONSOLE_LOG_FILE, 'raw', 0),
    autostart,
  };
}

function planDomain(
  machine: Machine,
  kind: GuestKind & CpuPlacement,
  imageFormat: DiskFormat | undefined,
  {
    ready,
    adopted,
    isHere,
  }: Pick<HostChoices, 'isHere'> & {
    readonly ready: NewMetadata;
    readonly adopted: readonly string[];
  },
): PlannedDomain {
  const backingFormat = machine.bootDisk.format === 'qcow2' ? imageFormat : undefined;
  const creating = { ...ready, status: 'creating', adopted } as const;
  const reserved = domainXml(machine, { ...kind, backingFormat, metadata: creating, isHere });
  return {
    reserved,
    claimed: metadataWithoutNamespace({ ...creating, claimed: true }),
    ready: metadataWithoutNamespace(ready),
    complete: markReady(reserved),
  };
}

function planDisks(
  { bootDisk: { image, format, sizeGib }, dataDisks }: Machine,
  directory: string,
  imageFormat: DiskFormat | undefined,
  adopted: readonly string[],
): readonly PlannedVolume[] {
  const how = format === 'qcow2' ? 'overlay' : 'copy';
  const from = image === undefined ? undefined : ({ image, how, format: imageFormat } as const);
  return [
    planVolume(directory, bootDiskFile(format), format, sizeGib * GIB, from),
    ...dataDisks.map(({ device, sizeGib: size }) => ({
      ...planVolume(directory, dataDiskFile(device), 'qcow2', size * GIB),
      ...(adopted.includes(device) && { isAdopted: true as const }),
    })),
  ];
}

function publicHalves(keys: HostKeys | undefined): readonly string[] {
  return keys === undefined ? [] : [keys.ed25519.publicKey, keys.ecdsa.publicKey];
}

function planSeed(machine: Machine, directory: string, origin: VmOrigin): PlannedSeed | undefined {
  const { provisioning } = machine;
  const artefacts = artefactsOf(machine, origin);
  if (provisioning === undefined || artefacts === undefined) return undefined;
  const { format } = provisioning;
  const files = artefacts.kind === 'seed' ? artefacts.files : [artefacts.file];
  const bytes =
    artefacts.kind === 'seed'
      ? writeIso({ volumeId: artefacts.volumeId, files, createdAt: origin.createdAt })
      : artefacts.file.bytes;
  return {
    format,
    files,
    own: ownTexts(provisioning),
    volume: planVolume(directory, PROVISIONING_FILES[format], 'raw', bytes.length),
    bytes,
  };
}

function ownTexts({ userData, writeFiles, runCommands, ignition }: Provisioning): readonly string[] {
  const commands = runCommands.map((command) => [command].flat().join(' '));
  const documents = [userData, ignition.config].filter((text) => text !== undefined);
  return [...documents, ...writeFiles.map(({ content }) => content), ...commands];
}

/** Empty unless it is said what it begins as. */
function planVolume(
  directory: string,
  name: string,
  format: DiskFormat,
  bytes: number,
  from?: VolumeOrigin,
): PlannedVolume {
  return { name, path: `${directory}/${name}`, format, bytes, from };
}
