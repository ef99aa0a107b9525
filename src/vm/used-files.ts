import { posix } from 'node:path';
import { readUsedFiles } from '../libvirt-xml/read-xml.ts';
import type { UsedFiles, VolumeSource } from '../libvirt-xml/read-xml.ts';
import type { VmContext } from './context.ts';
import type { DomainDocument, Hypervisor, PastDocument } from './hypervisor.ts';
import { spellings } from './image-links.ts';
import { pathOfPool } from './lent-pool.ts';
import { lookAtDisks } from './look-at-disks.ts';
import { understand } from './understand.ts';

/** More layers than any chain has: one that runs in a circle must end. */
const LONGEST_CHAIN = 64;

/** What VMs other than one stand on. */
export interface Usage {
  /** Which VM stands on a path. */
  readonly users: ReadonlyMap<string, string>;
  /** Disks that could not be looked at: what is below them may be anything. */
  readonly unseen: readonly UnseenDisk[];
  /** What is the same under every name of a file, by path, of those that were looked at through libvirt. */
  readonly marks: ReadonlyMap<string, string>;
  /** Snapshots of the one. */
  readonly snapshots: number;
}

export interface UnseenDisk {
  /** Of the VM. */
  readonly name: string;
  readonly path: string;
  readonly why: string;
}

interface Used {
  readonly name: string;
  readonly files: UsedFiles;
}

/**
 * What all VMs but `uuid` stand on, be it as a disk, far down in a backing chain, in a snapshot, or in any other way.
 * @param names of files that are to go: one that is called so elsewhere may be the same behind a link
 * @throws PlowError, HypervisorError
 */
export async function usersOfFiles(
  uuid: string,
  names: ReadonlySet<string>,
  context: VmContext,
): Promise<Usage> {
  const { hypervisor } = context;
  const now = await hypervisor.domainDocuments();
  const past = await hypervisor.pastDocuments();
  const used = readDocuments(uuid, now, past);
  const volumes = await pathsOfVolumes(used, hypervisor);
  const users = new Map(
    used.flatMap(({ name, files }) => [
      ...files.paths.flatMap(spellings).map((path) => [path, name] as const),
      ...files.volumes.flatMap((source) => {
        const path = volumes(source);
        return path === undefined ? [] : [[path, name] as const];
      }),
    ]),
  );
  const open = used.flatMap(({ name, files }) =>
    files.openChains.flatMap((end) => {
      const paths = typeof end === 'string' ? spellings(end) : (volumes(end) ?? []);
      return [paths].flat().map((path) => [path, name] as const);
    }),
  );
  const named = hypervisor.local === undefined ? perhapsLinks(used, names) : [];
  const snapshots = past.filter((document) => document.uuid === uuid && isSnapshot(document)).length;
  return { users, snapshots, ...(await followChains(new Map([...named, ...open]), users, context)) };
}

function isSnapshot({ xml }: PastDocument): boolean {
  return xml.trimStart().startsWith('<domainsnapshot');
}

function readDocuments(
  uuid: string,
  now: readonly DomainDocument[],
  past: readonly PastDocument[],
): readonly Used[] {
  const documents = [
    ...now.flatMap(({ live, stored, ...of }) => [stored, live ?? []].flat().map((xml) => ({ ...of, xml }))),
    ...past,
  ].filter((document) => document.uuid !== uuid);
  return documents.map(({ name, xml }) => ({ name, files: understand({ name, xml }, readUsedFiles) }));
}

/** A pool that is not there cannot hold what anyone stands on. */
async function pathsOfVolumes(
  used: readonly Used[],
  hypervisor: Hypervisor,
): Promise<(source: VolumeSource) => string | undefined> {
  const names = new Set(used.flatMap(({ files }) => files.volumes.map(({ pool }) => pool)));
  const pools = names.size === 0 ? [] : (await hypervisor.listPools()).filter(({ name }) => names.has(name));
  const directories = new Map(
    await Promise.all(pools.map(async (pool) => [pool.name, await pathOfPool(pool)] as const)),
  );
  return ({ pool, volume }) => {
    const directory = directories.get(pool);
    return directory === undefined ? undefined : posix.join(directory, volume);
  };
}

/**
 * Of another machine only a look tells whether a path leads to what is to go. Looked at are images below disks, which are few, and
 * what is called alike; not what is in a directory that is called as its VM is.
 */
function perhapsLinks(
  used: readonly Used[],
  names: ReadonlySet<string>,
): readonly (readonly [string, string])[] {
  return used.flatMap(({ name, files }) =>
    [...files.bases, ...files.paths.filter((path) => names.has(posix.basename(path)))]
      .flatMap(spellings)
      .filter((path) => posix.basename(posix.dirname(path)) !== name)
      .map((path) => [path, name] as const),
  );
}

/** What the files themselves name as their backing file, which a document need not repeat: layer by layer, each file once. */
async function followChains(
  open: ReadonlyMap<string, string>,
  users: Map<string, string>,
  context: VmContext,
): Promise<Pick<Usage, 'unseen' | 'marks'>> {
  const unseen: UnseenDisk[] = [];
  const marks = new Map<string, string>();
  const known = new Set(open.keys());
  let layer = open;
  for (let depth = 0; layer.size > 0 && depth < LONGEST_CHAIN; depth += 1) {
    const looks = await lookAtDisks([...layer.keys()], context);
    const next = new Map<string, string>();
    for (const [path, name] of layer) {
      const look = looks.get(path) ?? 'missing';
      if (look === 'missing') continue;
      if ('why' in look) {
        unseen.push({ name, path, why: look.why });
        continue;
      }
      if (look.mark !== undefined) marks.set(path, look.mark);
      for (const below of look.below) {
        if (!users.has(below.path)) users.set(below.path, name);
        if (known.has(below.path) || (below.isRaw && context.hypervisor.local !== undefined)) continue;
        known.add(below.path);
        next.set(below.path, name);
      }
    }
    layer = next;
  }
  return { unseen, marks };
}
