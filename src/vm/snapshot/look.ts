import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import type { DomainStatus } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { LibvirtPlaces } from '../../hypervisor/places.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { keptPaths, rebuildOf } from '../../libvirt-xml/metadata/rebuild.ts';
import { hasAutomaticFirmware, readNvramPath } from '../../libvirt-xml/read/firmware.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import { readLayers } from '../../libvirt-xml/snapshot/layers.ts';
import type { DiskLayers } from '../../libvirt-xml/snapshot/layers.ts';
import { readSnapshot } from '../../libvirt-xml/snapshot/read.ts';
import type { SnapshotRecord } from '../../libvirt-xml/snapshot/read.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { judgeOne } from '../features/ask.ts';
import type { Source } from '../features/ask.ts';
import { chosenByLibvirt } from '../ownership/nvram.ts';
import { readDocument } from '../read-document.ts';
import type { Chains, KnownFile, OwnWays } from './chains.ts';

/** What libvirt knows of a VM and its snapshots. */
export interface SnapshotVm {
  readonly name: string;
  readonly uuid: string;
  readonly status: DomainStatus;
  /** The VM's own, which plow has made. */
  readonly directory: string;
  /** As stored, with all passwords. */
  readonly document: string;
  /** The same, parsed. */
  readonly stored: XmlElement;
  readonly disks: readonly DiskLayers[];
  readonly records: readonly SnapshotRecord[];
  readonly current: string | undefined;
  /** Where its UEFI variables are. */
  readonly nvram: string | undefined;
  readonly hasTpm: boolean;
  /** Documents as stored and as it runs, which may say that it is protected. */
  readonly parsed: readonly XmlElement[];
  /** Whether its guest can be asked to hold still. */
  readonly hasAgent: boolean;
}

/** @throws PlowError for a VM that plow does not take snapshots of; HypervisorError */
export async function readVm(domain: Domain, places: LibvirtPlaces | undefined): Promise<SnapshotVm> {
  const { name, uuid } = domain;
  const status = await domain.status();
  const document = await domain.wholeDocument();
  const { documents, current } = await domain.snapshots();
  const stored = readDocument({ name, xml: document });
  const live =
    status.documents.live === undefined ? stored : readDocument({ name, xml: status.documents.live });
  return {
    name,
    uuid,
    status,
    directory: directoryOf(name, stored),
    document,
    stored,
    disks: readLayers(document),
    records: documents.map(readSnapshot),
    current,
    nvram:
      readNvramPath(live) ??
      readNvramPath(stored) ??
      (hasAutomaticFirmware(stored) ? chosenByLibvirt(name, places) : undefined),
    parsed: [stored, live],
    hasTpm: stored.first('devices', 'tpm') !== undefined,
    hasAgent: live.all('devices', 'channel', 'target').some(isConnectedAgent),
  };
}

/** https://libvirt.org/formatdomain.html#channel */
function isConnectedAgent(target: XmlElement): boolean {
  return target.attribute('name') === 'org.qemu.guest_agent.0' && target.attribute('state') === 'connected';
}

/** Of a VM of another tool. */
export class NotMadeByPlow extends PlowError {}

/** Anyone can edit metadata: a directory counts only where plow can have made it for this very VM. */
function directoryOf(name: string, stored: XmlElement): string {
  const metadata = metadataInDomain(stored);
  if (metadata === undefined) {
    throw new NotMadeByPlow('operation', `VM '${name}' was not made by plow: it keeps no snapshots of it`, {
      hint: `see virsh snapshot-list ${shellArgument(name)}`,
    });
  }
  if (metadata.status === 'creating') {
    throw new PlowError('operation', `VM '${name}' is incomplete: its create is under way, or died`, {
      hint: `plow destroy ${shellArgument(name)} removes what is there`,
    });
  }
  const { directory, declared } = metadata;
  if (posix.basename(directory) !== declared.name)
    throw new PlowError('operation', `the metadata of VM '${name}' names ${directory}, which is not its own`);
  return directory;
}

/** With what is in the VM's directory, on which `pool` stands. @throws HypervisorError */
export async function chainsOf(vm: SnapshotVm, pool: Pool, { hypervisor }: VmContext): Promise<Chains> {
  const { directory, disks, records, nvram, status } = vm;
  const names = await pool.volumeNames();
  const paths = names.map((name) => `${directory}/${name}`);
  const documents = await hypervisor.volumeDocuments(paths);
  const files = paths.map((path): readonly [string, KnownFile] => {
    const document = documents.get(path);
    const facts = document === undefined ? undefined : readVolume(document);
    return [path, { below: facts?.backingPath, writtenAt: facts?.writtenAt }];
  });
  const live = status.documents.live === undefined ? [] : readLayers(status.documents.live);
  return {
    directory,
    disks: [...disks, ...live].map(({ target, path, paths: all }) => ({
      target,
      paths: path === undefined ? [] : all,
    })),
    snapshots: records,
    files: new Map(files),
    hasNvram: nvram !== undefined,
    kept: keptByRebuild(vm),
    ownWays: records.every(({ isOfDisksOnly }) => isOfDisksOnly) ? undefined : await ownWays(hypervisor),
  };
}

/** Nothing that a rebuild may bring back is spare. */
function keptByRebuild({ stored, directory }: SnapshotVm): readonly string[] {
  const rebuild = rebuildOf(stored);
  return rebuild === undefined ? [] : keptPaths(rebuild, directory);
}

/** Two round trips. */
async function ownWays(hypervisor: Source): Promise<OwnWays> {
  const internal = await judgeOne('internal-revert', hypervisor);
  return { internal, external: await judgeOne('external-revert', hypervisor) };
}
