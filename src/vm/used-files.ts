import { posix } from 'node:path';
import { readUsedFiles, readVolume } from '../libvirt-xml/read-xml.ts';
import type { UsedFiles } from '../libvirt-xml/read-xml.ts';
import type { VmContext } from './context.ts';
import type { Hypervisor } from './hypervisor.ts';
import { pathOfPool } from './lent-pool.ts';
import { understand } from './understand.ts';

/** More layers than any chain has: one that runs in a circle must end. */
const LONGEST_CHAIN = 64;

/** Which VM other than `uuid` stands on a file, be it as its disk, far down in a backing chain, or in any other way. */
export async function usersOfFiles(
  uuid: string,
  { hypervisor }: Pick<VmContext, 'hypervisor'>,
): Promise<ReadonlyMap<string, string>> {
  const others = (await hypervisor.domainDocuments()).filter((other) => other.uuid !== uuid);
  const used = others.flatMap(({ name, stored, live }) =>
    [stored, ...(live === undefined ? [] : [live])].map((xml) => ({
      name,
      files: understand({ name, xml }, readUsedFiles),
    })),
  );
  const users = new Map(
    used.flatMap(({ name, files }) => files.paths.map((path) => [posix.normalize(path), name])),
  );
  await addVolumes(used, users, hypervisor);
  const open = used.flatMap(({ name, files }) => files.openChains.map((path) => [path, name] as const));
  await addChains(new Map(open), users, hypervisor);
  return users;
}

type Used = readonly { readonly name: string; readonly files: UsedFiles }[];

/** A pool that is not there cannot hold what anyone stands on. */
async function addVolumes(used: Used, users: Map<string, string>, hypervisor: Hypervisor): Promise<void> {
  const wanted = used.flatMap(({ name, files }) => files.volumes.map((source) => ({ ...source, name })));
  if (wanted.length === 0) return;
  const names = new Set(wanted.map(({ pool }) => pool));
  const pools = (await hypervisor.listPools()).filter(({ name }) => names.has(name));
  const directories = new Map(
    await Promise.all(pools.map(async (pool) => [pool.name, await pathOfPool(pool)] as const)),
  );
  for (const { pool, volume, name } of wanted) {
    const directory = directories.get(pool);
    if (directory !== undefined) users.set(posix.join(directory, volume), name);
  }
}

/** What the files themselves name as their backing file, which a document need not repeat. */
async function addChains(
  open: ReadonlyMap<string, string>,
  users: Map<string, string>,
  hypervisor: Hypervisor,
): Promise<void> {
  let layer = open;
  for (let depth = 0; layer.size > 0 && depth < LONGEST_CHAIN; depth += 1) {
    const documents = await hypervisor.volumeDocuments([...layer.keys()]);
    const below = new Map<string, string>();
    for (const [path, document] of documents) {
      const { backingPath } = readVolume(document);
      const name = layer.get(path);
      if (backingPath === undefined || name === undefined || users.get(backingPath) === name) continue;
      users.set(backingPath, name);
      below.set(backingPath, name);
    }
    layer = below;
  }
}
