import { posix } from 'node:path';
import { mayName, readDomainFiles } from '../../libvirt-xml/read/own-files.ts';
import type { Shared } from '../../libvirt-xml/read/own-files.ts';
import { parseIfPossible, parseXml } from '../../libvirt-xml/read/parse.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import type { LocalView } from '../../hypervisor/local.ts';
import type { Storage } from '../../hypervisor/storage.ts';
import { amongPools, pathOfPool } from '../storage/find-pool.ts';
import { isNvramOf } from '../ownership/nvram.ts';

/**
 * The VM that an image belongs to: as its disk, seed, NVRAM or another file of its own, running or not, or by
 * standing in the directory that plow made for it. An image that VMs only stand on belongs to none.
 * @param shared what of others it may be nevertheless
 */
export async function ownerOfImage(
  image: string,
  documents: readonly DomainDocument[],
  hypervisor: LocalView & Storage,
  shared: Shared = 'nothing',
): Promise<string | undefined> {
  const real = (await hypervisor.realPath(image)) ?? image;
  const file = await fileAt(image, hypervisor);
  for (const { name, stored, live } of documents) {
    if (isNvramOf(name, real)) return name;
    for (const xml of live === undefined || live === stored ? [stored] : [stored, live]) {
      if (isInDirectory(image, xml) || isInDirectory(real, xml)) return name;
      if (await namesAsOwn({ image, real, file, shared }, xml, hypervisor)) return name;
    }
  }
  return undefined;
}

/** Anyone can edit metadata: a directory counts where it is called as plow called the VM. */
function isInDirectory(image: string, xml: string): boolean {
  const parents = parentsOf(image);
  if (!parents.some((parent) => xml.includes(`${parent}"`) || xml.includes(`${parent}'`))) return false;
  const metadata = metadataInDomain(parseIfPossible(xml));
  return (
    metadata !== undefined &&
    parents.includes(metadata.directory) &&
    posix.basename(metadata.directory) === metadata.declared.name
  );
}

function parentsOf(path: string): readonly string[] {
  const parent = posix.dirname(path);
  return parent === '/' ? [] : [parent, ...parentsOf(parent)];
}

/** The same under each path of a file; undefined where it cannot be told. */
async function fileAt(path: string, hypervisor: LocalView): Promise<string | undefined> {
  const place = await hypervisor.findPlace(path);
  return typeof place === 'string' ? undefined : place.file;
}

interface Seen {
  readonly image: string;
  /** Without links. */
  readonly real: string;
  /** As fileAt. */
  readonly file: string | undefined;
  readonly shared: Shared;
}

async function namesAsOwn(
  { image, real, file, shared }: Seen,
  xml: string,
  hypervisor: LocalView & Storage,
): Promise<boolean> {
  const names = new Set([posix.basename(image), posix.basename(real)]);
  if (![...names].some((name) => mayName(xml, name))) return false;
  const domain = parseXml(xml);
  // What another tool gives a guest is that guest's alone.
  const isOfOthers = shared === 'firmware files' && metadataInDomain(domain) === undefined;
  const { paths, volumes } = readDomainFiles(domain, isOfOthers ? 'nothing' : shared);
  for (const path of paths.map((each) => posix.normalize(each))) {
    if (path === image || path === real) return true;
    if (!names.has(posix.basename(path))) continue;
    if ((await hypervisor.realPath(path)) === real) return true;
    if (file !== undefined && (await fileAt(path, hypervisor)) === file) return true;
  }
  const likely = volumes.filter(({ volume }) => names.has(posix.basename(volume)));
  if (likely.length === 0) return false;
  return amongPools(hypervisor, async (pools) => {
    for (const { pool, volume } of likely) {
      const found = pools.find(({ name }) => name === pool);
      const directory = found && (await pathOfPool(found));
      if (directory !== undefined && [image, real].includes(posix.join(directory, volume))) return true;
    }
    return false;
  });
}
