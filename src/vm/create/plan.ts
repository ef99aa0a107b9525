import { holdsSecrets } from '../../config/draft/hide-secrets.ts';
import type { LoadedMachine, Machine } from '../../config/machine.ts';
import { seedFiles, SEED_VOLUME_ID } from '../../provision/cloud-init/seed-files.ts';
import type { SeedFile } from '../../provision/cloud-init/seed-files.ts';
import { GIB } from '../../text/units.ts';
import { writeIso } from '../../iso9660/write-iso.ts';
import { newMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import { domainXml } from '../../libvirt-xml/domain/write.ts';
import { bootDiskFile, dataDiskFile, SEED_FILE, vmDirectory } from '../../config/vm-paths.ts';
import type { VmContext } from '../context.ts';
import type { NotChecked } from '../host/not-checked.ts';
import { preflight } from './preflight.ts';

export interface PlannedVolume {
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
  /** Virtual size. */
  readonly bytes: number;
  /** `overlay`: it stands on the image; `copy`: it begins as one. */
  readonly from?: { readonly image: string; readonly how: 'overlay' | 'copy' };
}

/** What a create would make. */
export interface Plan {
  readonly name: string;
  readonly domainXml: string;
  readonly volumes: readonly PlannedVolume[];
  /** Files of the seed; none without cloud-init. */
  readonly seed: readonly PlannedSeedFile[];
  /** What could not be looked at. */
  readonly notChecked: readonly NotChecked[];
}

export interface PlannedSeedFile extends SeedFile {
  /** What the user wrote into it, a document or a file or a command, looks as if it held a secret. */
  readonly holdsSecrets: boolean;
}

/**
 * Checks a machine as a create does, and makes nothing: the hypervisor should be connected to for looking only.
 * @throws PlowError
 */
export async function planVm(loaded: LoadedMachine, context: VmContext): Promise<Plan> {
  const { machine } = loaded;
  const { virtType, baseImage, notChecked } = await preflight(loaded, context);
  const createdAt = context.now();
  const directory = vmDirectory(context.storagePath, machine.name);
  const seed = machine.cloudInit === undefined ? [] : seedFiles(machine, machine.cloudInit, createdAt);
  const { version } = context;
  const uuid = context.newUuid();
  const metadata = newMetadata(machine, { status: 'ready', uuid, version, createdAt, directory });
  const backingFormat = machine.bootDisk.format === 'qcow2' ? baseImage?.format : undefined;
  return {
    name: machine.name,
    domainXml: domainXml(machine, { virtType, backingFormat, metadata }),
    volumes: [
      ...disksOf(machine, directory),
      ...(seed.length === 0 ? [] : [seedVolume(directory, seed, createdAt)]),
    ],
    seed: seed.map((file) => ({
      ...file,
      holdsSecrets: file.name === 'user-data' && ownTexts(machine).some((text) => holdsSecrets(text)),
    })),
    notChecked,
  };
}

/** What goes into user-data as the user wrote it. */
function ownTexts({ cloudInit }: Machine): readonly string[] {
  if (cloudInit === undefined) return [];
  const { userData, writeFiles, runCommands } = cloudInit;
  const commands = runCommands.map((command) => [command].flat().join(' '));
  return [
    ...(userData === undefined ? [] : [userData]),
    ...writeFiles.map(({ content }) => content),
    ...commands,
  ];
}

function seedVolume(directory: string, files: readonly SeedFile[], createdAt: Date): PlannedVolume {
  const iso = writeIso({ volumeId: SEED_VOLUME_ID, files, createdAt });
  return { path: `${directory}/${SEED_FILE}`, format: 'raw', bytes: iso.length };
}

function disksOf({ bootDisk, dataDisks }: Machine, directory: string): readonly PlannedVolume[] {
  const { image, format, sizeGib } = bootDisk;
  const how = format === 'qcow2' ? 'overlay' : 'copy';
  return [
    {
      path: `${directory}/${bootDiskFile(format)}`,
      format,
      bytes: sizeGib * GIB,
      ...(image === undefined ? {} : { from: { image, how } }),
    },
    ...dataDisks.map((disk) => ({
      path: `${directory}/${dataDiskFile(disk.device)}`,
      format: 'qcow2' as const,
      bytes: disk.sizeGib * GIB,
    })),
  ];
}
