import { posix } from 'node:path';
import type { DiskFacts } from '../../libvirt-xml/domain/devices/disk.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import { within } from '../few-at-once.ts';
import type { DiskSize } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { LocalEntry, LocalFacts } from '../../hypervisor/local.ts';
import { readQcow2Header } from '../image-format/qcow2-header.ts';

export interface FilesOptions {
  readonly disks: readonly DiskFacts[];
  /** Of a domain that runs libvirt has written out every backing chain. */
  readonly isActive: boolean;
  /** Paths of what sets up the guest. */
  readonly others: readonly string[];
  readonly withinMs: number;
}

export interface Files {
  readonly disks: readonly (DiskFacts & Found)[];
  /** Of `others`: whether they are there; undefined where that cannot be told. */
  readonly exist: ReadonlyMap<string, boolean | undefined>;
  /** False where the QEMU did not tell the sizes in time. */
  readonly inTime: boolean;
}

interface Found {
  readonly size: DiskSize | undefined;
  /** Undefined where that cannot be told. */
  readonly exists: boolean | undefined;
  /** Layers that are not there. */
  readonly missingBacking: readonly string[];
}

/** More layers than anyone has, or a chain that bites its tail. */
const MOST_LAYERS = 16;

/** What lies on a server that is gone would keep a look waiting for ever. */
const LOOK_WITHIN_MS = 1000;

/**
 * Sizes and backing chains of disks. The domain knows best; what it does not tell, volumes of active pools
 * do, and on this machine the files themselves.
 * @throws HypervisorError
 */
export async function lookAtFiles(
  domain: Domain,
  hypervisor: Hypervisor,
  { disks, isActive, others, withinMs }: FilesOptions,
): Promise<Files> {
  const filled = disks.filter(({ source }) => source !== undefined);
  const { sizes, inTime } = await domain.diskSizes(
    filled.map(({ target }) => target),
    withinMs,
  );
  const { local } = hypervisor;
  const missing = local !== undefined || isActive || !inTime ? [] : await domain.missingFiles(withinMs);
  const look = onceEach(local, missing);
  const openChains = isActive
    ? []
    : filled.filter(({ backing, format }) => backing.length === 0 && format !== 'raw');
  const unsized = filled.filter(({ target }) => !sizes.has(target));
  const volumes = await volumesOf(hypervisor, pathsOf([...unsized, ...openChains]), others);
  const chains = await chainsOf(hypervisor, pathsOf(openChains), volumes, look);
  const looked = disks.map(async (disk) => {
    const backing = disk.backing.length > 0 ? disk.backing : (chains.get(disk.source ?? '') ?? []);
    const inPool = sizeOfVolume(volumes.get(disk.source ?? ''));
    return {
      ...disk,
      backing,
      ...(await sizeAndPresence(disk, sizes.get(disk.target), inPool, look)),
      missingBacking: await missingOf(backing, look),
    };
  });
  return {
    disks: await Promise.all(looked),
    exist: new Map(
      await Promise.all(others.map(async (path) => [path, await isThere(path, volumes, look)] as const)),
    ),
    inTime,
  };
}

/**
 * The error's code for what cannot be looked at, as ENOENT; undefined where it takes too long, and on another
 * machine, of which it is known only what is not there.
 */
type Look = (path: string) => Promise<LocalEntry | string | undefined>;

/** @param missing what a hypervisor elsewhere says is not there */
function onceEach(local: LocalFacts | undefined, missing: readonly string[]): Look {
  const absent = missing.map((path) => [path, Promise.resolve('ENOENT')] as const);
  const known = new Map<string, ReturnType<Look>>(absent);
  return (path) => {
    const looking =
      known.get(path) ?? (local && within(LOOK_WITHIN_MS, local.look(path))) ?? Promise.resolve(undefined);
    known.set(path, looking);
    return looking;
  };
}

function pathsOf(disks: readonly DiskFacts[]): readonly string[] {
  return disks.flatMap(({ source }) => (source?.startsWith('/') === true ? [source] : []));
}

type Volumes = ReadonlyMap<string, string>;

async function volumesOf(
  hypervisor: Hypervisor,
  paths: readonly string[],
  others: readonly string[],
): Promise<Volumes> {
  const wanted = hypervisor.local === undefined ? [...paths, ...others] : paths;
  return wanted.length === 0 ? new Map() : hypervisor.volumeDocuments([...new Set(wanted)]);
}

/** The layers below each file, as far as they are volumes or on this machine: a batch for each layer. */
async function chainsOf(
  hypervisor: Hypervisor,
  tops: readonly string[],
  known: Volumes,
  look: Look,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const chains = new Map(tops.map((top): [string, string[]] => [top, []]));
  let volumes = known;
  for (let depth = 0; depth < MOST_LAYERS; depth += 1) {
    const open = [...chains].filter(([, chain]) => chain.length === depth);
    const found = await Promise.all(
      open.map(([top, chain]) => layerBelow(chain.at(-1) ?? top, volumes, look)),
    );
    const next = open.flatMap(([, chain], index) => {
      const below = found[index];
      if (below === undefined) return [];
      chain.push(below);
      return [below];
    });
    if (next.length === 0) break;
    volumes = await hypervisor.volumeDocuments([...new Set(next)]);
  }
  return chains;
}

async function layerBelow(path: string, volumes: Volumes, look: Look): Promise<string | undefined> {
  const document = volumes.get(path);
  if (document !== undefined) return readVolume(document).backingPath;
  const below = headerOf(await look(path))?.backingPath;
  // `json:` and `nbd://` are no paths.
  if (below === undefined || /^[a-z][a-z0-9+]*:/iu.test(below)) return below;
  return posix.resolve(posix.dirname(path), below);
}

function headerOf(entry: LocalEntry | string | undefined): ReturnType<typeof readQcow2Header> {
  return typeof entry === 'object' ? readQcow2Header(entry.head) : undefined;
}

function sizeOfVolume(document: string | undefined): DiskSize | undefined {
  if (document === undefined) return undefined;
  const { capacityBytes, allocationBytes } = readVolume(document);
  return { capacityBytes, takenBytes: allocationBytes };
}

/**
 * @param known its size as the domain tells it
 * @param inPool the same as a pool knew it when it was last read
 */
async function sizeAndPresence(
  { type, source, format }: DiskFacts,
  known: DiskSize | undefined,
  inPool: DiskSize | undefined,
  look: Look,
): Promise<Pick<Found, 'size' | 'exists'>> {
  if (known !== undefined) return { size: known, exists: true };
  const entry = type === 'file' && source !== undefined ? await look(source) : undefined;
  if (presence(entry) === false) return { size: undefined, exists: false };
  if (typeof entry !== 'object') return { size: inPool, exists: inPool && true };
  const capacityBytes = format === 'raw' ? entry.bytes : headerOf(entry)?.capacityBytes;
  const size = capacityBytes === undefined ? inPool : { capacityBytes, takenBytes: entry.takenBytes };
  return { size, exists: true };
}

function presence(entry: Awaited<ReturnType<Look>>): boolean | undefined {
  if (typeof entry === 'object') return true;
  return entry === 'ENOENT' ? false : undefined;
}

async function missingOf(layers: readonly string[], look: Look): Promise<readonly string[]> {
  const found = await Promise.all(
    layers.map(async (layer) => (layer.startsWith('/') ? presence(await look(layer)) : undefined)),
  );
  return layers.filter((_, index) => found[index] === false);
}

async function isThere(path: string, volumes: Volumes, look: Look): Promise<boolean | undefined> {
  return presence(await look(path)) ?? (volumes.has(path) || undefined);
}
