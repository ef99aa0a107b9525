import { posix } from 'node:path';
import type { Arch, KnownImage } from '../../config/machine.ts';
import type { FwCfgFile } from '../../config/machine/extras.ts';
import type { IgnitionFacts } from '../../provision/ignition/read-config.ts';
import { readSeed } from '../../provision/cloud-init/read-seed.ts';
import type { SeedFacts } from '../../provision/cloud-init/read-seed.ts';
import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import { readIso } from '../../iso9660/read-iso.ts';
import type { DomainMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import type { DiskFacts } from '../../libvirt-xml/domain/devices/disk.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import type { VmContext } from '../context.ts';
import { allOf } from '../at-once.ts';
import { lookAt } from '../storage/find-volume.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Pool, Volume } from '../../hypervisor/storage.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { amongPools, pathOfPool } from '../storage/find-pool.ts';

/** All that is known of a VM, whoever made it. */
export interface Evidence {
  readonly facts: DomainFacts;
  /** As it is stored. */
  readonly document: XmlElement;
  /** What plow wrote into it when it made it. */
  readonly metadata: DomainMetadata | undefined;
  readonly autostart: boolean;
  readonly persistent: boolean;
  readonly snapshots: number;
  /** Of VMs whose file says none, on this hypervisor. */
  readonly hostArch: Arch;
  /** What an alias such as q35 stands for on this hypervisor. */
  readonly machineAliases: ReadonlyMap<string, string>;
  /** Files of disks by target device; or why one cannot be looked at. */
  readonly volumes: ReadonlyMap<string, VolumeFacts | string>;
  /** Sizes in bytes by target device, as the domain tells them; asked for where pools may not be lent. */
  readonly capacities: ReadonlyMap<string, number>;
  /** Images below the disks that are not there, as far as it can be told. */
  readonly missing: readonly string[];
  /** Bridges of the networks of libvirt's that its interfaces are in, by name, as far as they have one. */
  readonly networkBridges: ReadonlyMap<string, string>;
  /** The image that the boot disk was made of, or stands on, where that is one that plow has pulled. */
  readonly image: KnownImage | undefined;
  /** The first disk that is a seed. */
  readonly seed: Seed | undefined;
  /** Drives that may be a seed and cannot be read, by target device, and why. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** The config that its firmware hands to Ignition. */
  readonly ignition: ConfigEvidence | undefined;
}

export interface ConfigEvidence extends FwCfgFile {
  /** Or why it cannot be read. */
  readonly facts: IgnitionFacts | string;
}

export interface Seed {
  readonly target: string;
  readonly facts: SeedFacts;
}

/** A seed is some kilobytes; one may hold a few files more. */
const MOST_SEED_BYTES = 16 * 2 ** 20;

/** Hears of an error that does not end a look. */
export type OnFailure = (error: unknown) => void;

export type Found = Pick<Evidence, 'volumes' | 'seed' | 'unreadable'>;

/** How long a hypervisor elsewhere may look for the images below the disks. */
const LOOK_WITHIN_MS = 2000;

/**
 * Images below the disks that are not there: on this machine plow looks, elsewhere libvirtd does for a VM
 * that is off.
 * @throws HypervisorError
 */
export async function missingImages(
  disks: readonly DiskFacts[],
  domain: Domain,
  hypervisor: Hypervisor,
): Promise<readonly string[]> {
  const layers = disks.flatMap(({ backing }) => backing.filter((layer) => layer.startsWith('/')));
  if (layers.length === 0) return [];
  if (hypervisor.local === undefined) {
    const missing = await domain.missingFiles(LOOK_WITHIN_MS);
    return layers.filter((layer) => missing.includes(layer));
  }
  const places = await Promise.all(layers.map((layer) => hypervisor.findPlace(layer)));
  return layers.filter((_, index) => places[index] === 'missing');
}

/** As the domain tells them, where a connection may not look into directories. @throws HypervisorError */
export async function capacitiesOf(
  disks: readonly DiskFacts[],
  domain: Domain,
  { isReadOnly }: Hypervisor,
): Promise<ReadonlyMap<string, number>> {
  if (!isReadOnly) return new Map();
  const targets = disks.flatMap(({ target, source }) => (source === undefined ? [] : [target]));
  const { sizes } = await domain.diskSizes(targets, LOOK_WITHIN_MS);
  return new Map([...sizes].map(([target, { capacityBytes }]) => [target, capacityBytes]));
}

interface Finding {
  readonly disk: DiskFacts;
  readonly volume: VolumeFacts | string;
  readonly seed: SeedFacts | string | undefined;
}

/**
 * Looks at the files of disks, and reads the seed among them; each directory through a pool, lent where there
 * is none.
 * @param onFailure hears why a directory cannot be looked at
 * @throws HypervisorError where the connection broke
 */
export async function lookAtDisks(
  disks: readonly DiskFacts[],
  context: VmContext,
  onFailure: OnFailure = () => {},
): Promise<Found> {
  const findings: Finding[] = [];
  const byDirectory = new Map<string, { readonly disk: DiskFacts; readonly name: string }[]>();
  for (const disk of disks) {
    const path = await pathOf(disk, context);
    if (path === undefined) continue;
    const directory = posix.dirname(path);
    byDirectory.set(directory, [...(byDirectory.get(directory) ?? []), { disk, name: posix.basename(path) }]);
  }
  for (const [directory, files] of byDirectory) {
    context.signal.throwIfAborted();
    findings.push(...(await lookInto(directory, files, context, onFailure)));
  }
  const seeds = findings.flatMap(({ disk, seed }) =>
    typeof seed === 'object' ? [{ target: disk.target, facts: seed }] : [],
  );
  return {
    volumes: new Map(findings.map(({ disk, volume }) => [disk.target, volume])),
    seed: seeds[0],
    unreadable: new Map(
      findings.flatMap(({ disk, seed }) => (typeof seed === 'string' ? [[disk.target, seed] as const] : [])),
    ),
  };
}

/** A volume of a pool has a path as well, as long as its pool is active. */
async function pathOf({ type, source }: DiskFacts, { hypervisor }: VmContext): Promise<string | undefined> {
  if (source === undefined) return undefined;
  if (type === 'file') return source.startsWith('/') ? posix.normalize(source) : undefined;
  if (type !== 'volume') return undefined;
  const [poolName, volume] = source.split(/\/(.*)/su, 2);
  const directory = await amongPools(hypervisor, async (pools) => {
    const pool = pools.find(({ name }) => name === poolName);
    return pool && pathOfPool(pool);
  });
  return directory === undefined || volume === undefined ? undefined : posix.join(directory, volume);
}

async function lookInto(
  directory: string,
  files: readonly { readonly disk: DiskFacts; readonly name: string }[],
  context: VmContext,
  onFailure: OnFailure,
): Promise<readonly Finding[]> {
  try {
    return await withPoolOn(directory, context, async (pool) => {
      return allOf(files.map(({ disk, name }) => lookAtDisk(disk, name, pool, context)));
    });
  } catch (error) {
    const words = whyNot(error, directory);
    onFailure(error);
    return files.map(({ disk }) => ({ disk, volume: words, seed: mayBeSeed(disk) ? words : undefined }));
  }
}

async function lookAtDisk(disk: DiskFacts, name: string, pool: Pool, context: VmContext): Promise<Finding> {
  using found = await lookAt(pool, name, context);
  if (found === undefined) {
    const words = 'the file does not exist';
    return { disk, volume: words, seed: mayBeSeed(disk) ? words : undefined };
  }
  const { type, capacityBytes } = found.facts;
  const isSmall = type === 'file' && capacityBytes <= MOST_SEED_BYTES;
  const seed = mayBeSeed(disk) && isSmall ? await readSeedIn(found.volume) : undefined;
  return { disk, volume: found.facts, seed };
}

/** A drive, or a disk that cannot be written. */
function mayBeSeed({ device, readOnly }: DiskFacts): boolean {
  return device === 'cdrom' || (device === 'disk' && readOnly);
}

/** @returns undefined for what is something else, or why it cannot be read */
async function readSeedIn(volume: Volume): Promise<SeedFacts | string | undefined> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await volume.download(MOST_SEED_BYTES);
  } catch (error) {
    // A pool that went away: it is lent anew.
    if (isReason(error, 'busy') || isReason(error, 'not-found')) throw error;
    return whyNot(error, volume.name);
  }
  try {
    return bytes === undefined ? undefined : readSeed(readIso(bytes));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return error.message;
  }
}

/** In words, of a directory or a file. @throws what is not about it */
export function whyNot(error: unknown, what: string): string {
  if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
  if (error.reason === 'forbidden') return `${what} is not shown to this account`;
  if (error.reason === 'no-such-file') return `${what} does not exist`;
  return error.reason === 'not-a-directory' ? `${what} is not a directory` : `${what} cannot be looked at`;
}
