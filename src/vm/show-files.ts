import type { DiskFacts } from '../libvirt-xml/read-domain.ts';
import { readVolume } from '../libvirt-xml/read-xml.ts';
import type { DiskSize, Domain, Hypervisor, LocalFacts } from './hypervisor.ts';
import { readQcow2Header } from './qcow2-header.ts';

export interface FilesWish {
  readonly disks: readonly DiskFacts[];
  /** Of a domain that runs libvirt has written out every backing chain. */
  readonly isActive: boolean;
  /** Path of the seed. */
  readonly seed: string | undefined;
  readonly withinMs: number;
}

export interface Files {
  readonly disks: readonly (DiskFacts & Found)[];
  readonly seedExists: boolean | undefined;
  /** False where the QEMU did not tell the sizes in time. */
  readonly inTime: boolean;
}

interface Found {
  readonly size: DiskSize | undefined;
  /** Undefined where that cannot be told. */
  readonly exists: boolean | undefined;
}

/** More layers than anyone has, or a chain that bites its tail. */
const MOST_LAYERS = 16;

/**
 * Sizes and backing chains of disks. The domain knows best; what it does not tell, volumes of active pools do, and on this machine
 * the files themselves.
 */
export async function lookAtFiles(
  domain: Domain,
  hypervisor: Hypervisor,
  { disks, isActive, seed, withinMs }: FilesWish,
): Promise<Files> {
  const filled = disks.filter(({ source }) => source !== undefined);
  const { sizes, inTime } = await domain.diskSizes(
    filled.map(({ target }) => target),
    withinMs,
  );
  const openChains = isActive
    ? []
    : filled.filter(({ backing, format }) => backing.length === 0 && format !== 'raw');
  const unsized = filled.filter(({ target }) => !sizes.has(target));
  const volumes = await volumesOf(hypervisor, pathsOf([...unsized, ...openChains]), seed);
  const chains = await chainsOf(hypervisor, pathsOf(openChains), volumes);
  const looked = await Promise.all(
    disks.map(async (disk) => ({
      ...disk,
      backing: disk.backing.length > 0 ? disk.backing : (chains.get(disk.source ?? '') ?? []),
      ...(await found(
        disk,
        hypervisor.local,
        sizes.get(disk.target) ?? sizeOfVolume(volumes.get(disk.source ?? '')),
      )),
    })),
  );
  return { disks: looked, seedExists: await isThere(seed, volumes, hypervisor.local), inTime };
}

function pathsOf(disks: readonly DiskFacts[]): readonly string[] {
  return disks.flatMap(({ source }) => (source?.startsWith('/') === true ? [source] : []));
}

type Volumes = ReadonlyMap<string, string>;

async function volumesOf(
  hypervisor: Hypervisor,
  paths: readonly string[],
  seed: string | undefined,
): Promise<Volumes> {
  const wanted = seed === undefined || hypervisor.local !== undefined ? paths : [...paths, seed];
  return wanted.length === 0 ? new Map() : hypervisor.volumeDocuments([...new Set(wanted)]);
}

/** The layers below each file, as far as they are volumes: a batch for each layer. */
async function chainsOf(
  hypervisor: Hypervisor,
  tops: readonly string[],
  known: Volumes,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const chains = new Map(tops.map((top): [string, string[]] => [top, []]));
  let volumes = known;
  for (let depth = 0; depth < MOST_LAYERS; depth += 1) {
    const next = [...chains].flatMap(([top, chain]) => {
      if (chain.length < depth) return [];
      const document = volumes.get(chain.at(-1) ?? top);
      const below = document === undefined ? undefined : readVolume(document).backingPath;
      if (below === undefined) return [];
      chain.push(below);
      return [below];
    });
    if (next.length === 0) break;
    volumes = await hypervisor.volumeDocuments([...new Set(next)]);
  }
  return chains;
}

function sizeOfVolume(document: string | undefined): DiskSize | undefined {
  if (document === undefined) return undefined;
  const { capacityBytes, allocationBytes } = readVolume(document);
  return { capacityBytes, takenBytes: allocationBytes };
}

/** @param size as libvirt tells it */
async function found(
  { type, source, format }: DiskFacts,
  local: LocalFacts | undefined,
  size: DiskSize | undefined,
): Promise<Found> {
  if (size !== undefined) return { size, exists: true };
  const entry = type === 'file' && source !== undefined ? await local?.look(source) : undefined;
  if (entry === undefined || typeof entry === 'string')
    return { size: undefined, exists: entry === 'ENOENT' ? false : undefined };
  const capacityBytes = format === 'raw' ? entry.bytes : readQcow2Header(entry.head)?.capacityBytes;
  const known = capacityBytes === undefined ? undefined : { capacityBytes, takenBytes: entry.takenBytes };
  return { size: known, exists: true };
}

async function isThere(
  path: string | undefined,
  volumes: Volumes,
  local: LocalFacts | undefined,
): Promise<boolean | undefined> {
  if (path === undefined) return undefined;
  if (local === undefined) return volumes.has(path) ? true : undefined;
  const entry = await local.look(path);
  if (typeof entry !== 'string') return true;
  return entry === 'ENOENT' ? false : undefined;
}
