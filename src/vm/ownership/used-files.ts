import { posix } from 'node:path';
import { openDocument } from '../../libvirt-xml/move/document.ts';
import { readUsedFiles } from '../../libvirt-xml/read/used-files.ts';
import type { UsedFiles, VolumeSource } from '../../libvirt-xml/read/used-files.ts';
import type { VmContext } from '../context.ts';
import type { DomainDocument, LostPast, PastDocument } from '../../hypervisor/domain-facts.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { LocalFacts } from '../../hypervisor/local.ts';
import { spellings } from '../image-format/links.ts';
import { amongPools, pathOfPool } from '../storage/find-pool.ts';
import { lookAtDisks, SILENT } from './look-at-disks.ts';
import { marksOf, placesOf } from './same-file.ts';
import type { Marks, Places } from './same-file.ts';
import { readDocument } from '../read-document.ts';

/** More layers than any chain has. */
const LONGEST_CHAIN = 64;

/** What VMs other than one stand on. */
export interface Usage {
  /** Which VM stands on a path. */
  readonly users: ReadonlyMap<string, string>;
  /** What could not be looked at: what is below may be anything. */
  readonly unseen: readonly Unseen[];
  /** What is the same under every name of a file, by path, of those that were looked at through libvirt. */
  readonly marks: ReadonlyMap<string, string>;
  /** Of the one's own files, before those of others were taken. */
  readonly ownMarks: Marks;
  /** Where the users' paths lead on this machine. */
  readonly places: Places;
  /** Snapshots of the one. */
  readonly snapshots: number;
}

export interface Unseen {
  /** Of the VM. */
  readonly name: string;
  /** Of a disk or another file of it; undefined for what it can go back to. */
  readonly path: string | undefined;
  readonly why: string;
}

interface Used {
  readonly name: string;
  readonly files: UsedFiles;
  /** Of the same VM as it runs. */
  readonly live: UsedFiles | undefined;
}

/** The files of a VM that are to go. */
export interface Going {
  /** One that is called so elsewhere may be the same behind a link. */
  readonly names: ReadonlySet<string>;
  readonly paths: readonly string[];
}

/**
 * What all VMs but `uuid` stand on, be it as a disk, far down in a backing chain, in a snapshot, or in any
 * other way.
 * @param going its own files, or their names
 * @throws PlowError, HypervisorError
 */
export async function usersOfFiles(
  uuid: string,
  going: ReadonlySet<string> | Going,
  context: VmContext,
): Promise<Usage> {
  const { names, paths: own } = 'paths' in going ? going : { names: going, paths: [] };
  const { hypervisor } = context;
  const now = await hypervisor.domainDocuments();
  const past = await hypervisor.pastDocuments();
  const { used, lost } = readDocuments(uuid, now, past, hypervisor);
  const volumes = await pathsOfVolumes(used, hypervisor);
  const users = new Map(
    used.flatMap(({ name, files }) => pairs(name, [...files.paths, ...files.volumes], volumes)),
  );
  const open = new Map(used.flatMap((each) => openChainsOf(each, volumes)));
  const before = await placesOf([...own, ...users.keys()], context);
  const local = before.hidden.length > 0 ? undefined : hypervisor.local;
  const layer = local === undefined ? new Map([...perhapsLinks(used, names), ...open]) : open;
  const ownMarks = await marksOf(local === undefined && layer.size > 0 ? own : [], context);
  const { unseen, marks } = await followChains(layer, users, local, context);
  const known = new Set(unseen.map(({ path }) => path));
  const looked = new Set([...own, ...before.real.keys(), ...before.hidden, ...before.silent]);
  const after = await placesOf(
    [...users.keys()].filter((path) => !looked.has(path)),
    context,
  );
  const places = {
    real: new Map([...before.real, ...after.real]),
    files: new Map([...before.files, ...after.files]),
    hidden: [...before.hidden, ...after.hidden],
    silent: [...before.silent, ...after.silent],
  };
  const silent = places.silent.filter((path) => users.has(path) && !known.has(path));
  const unanswered = silent.map((path): Unseen => ({ name: users.get(path) ?? '?', path, ...SILENT }));
  const snapshots = past.filter((document) => document.uuid === uuid && isSnapshot(document)).length;
  return { users, snapshots, unseen: [...lost, ...unseen, ...unanswered], marks, ownMarks, places };
}

function isSnapshot(past: PastDocument | LostPast): boolean {
  return 'xml' in past && past.xml.trimStart().startsWith('<domainsnapshot');
}

type Volumes = (source: VolumeSource) => string | undefined;

/** With the VM, each path that such sources are or may be. */
function pairs(
  name: string,
  sources: readonly (string | VolumeSource)[],
  volumes: Volumes,
): readonly (readonly [string, string])[] {
  return sources.flatMap((source) => {
    const paths = typeof source === 'string' ? spellings(source) : [volumes(source) ?? []].flat();
    return paths.map((path) => [path, name] as const);
  });
}

/** What is stored of a VM that runs leaves chains open which libvirt has followed when it started. */
function openChainsOf({ name, files, live }: Used, volumes: Volumes): readonly (readonly [string, string])[] {
  const followed = new Map(pairs(name, live?.closedChains ?? [], volumes));
  return pairs(name, files.openChains, volumes).filter(([path]) => !followed.has(path));
}

function readDocuments(
  uuid: string,
  now: readonly DomainDocument[],
  past: readonly (PastDocument | LostPast)[],
  hypervisor: Hypervisor,
): { readonly used: readonly Used[]; readonly lost: readonly Unseen[] } {
  const used: Used[] = [];
  const lost: Unseen[] = [];
  for (const document of now.filter((each) => each.uuid !== uuid)) {
    const { name, stored } = document;
    const live = document.live === undefined ? undefined : read({ name, xml: document.live }, hypervisor);
    used.push({ name, files: read({ name, xml: stored }, hypervisor), live });
    if (live !== undefined) used.push({ name, files: live, live });
  }
  for (const document of past.filter((each) => each.uuid !== uuid)) {
    const { name } = document;
    if ('why' in document) lost.push({ name, path: undefined, why: document.why });
    else used.push({ name, files: read(document, hypervisor), live: undefined });
  }
  return { used, lost };
}

/** Parsed documents by their text: of several VMs that go with one command most have the same others. */
const PARSED = new WeakMap<Hypervisor, Map<string, UsedFiles>>();

function read(document: { readonly name: string; readonly xml: string }, hypervisor: Hypervisor): UsedFiles {
  const parsed = PARSED.get(hypervisor) ?? new Map<string, UsedFiles>();
  PARSED.set(hypervisor, parsed);
  const files = parsed.get(document.xml) ?? usedBy(document);
  parsed.set(document.xml, files);
  return files;
}

/** Of a VM on its way to another hypervisor what its disks are there and back again counts, too. */
function usedBy({ name, xml }: { readonly name: string; readonly xml: string }): UsedFiles {
  const files = readUsedFiles(readDocument({ name, xml }));
  const open = openDocument(xml);
  if (open === xml) return files;
  const others = readUsedFiles(readDocument({ name, xml: open }));
  return {
    paths: [...new Set([...files.paths, ...others.paths])],
    volumes: files.volumes,
    openChains: [...files.openChains, ...others.openChains],
    closedChains: [...files.closedChains, ...others.closedChains],
    bases: [...new Set([...files.bases, ...others.bases])],
  };
}

/** A pool that is not there cannot hold what anyone stands on. */
async function pathsOfVolumes(used: readonly Used[], hypervisor: Hypervisor): Promise<Volumes> {
  const names = new Set(used.flatMap(({ files }) => files.volumes.map(({ pool }) => pool)));
  const directories = names.size === 0 ? new Map() : await directoriesOf(names, hypervisor);
  return ({ pool, volume }) => {
    const directory = directories.get(pool);
    return directory === undefined ? undefined : posix.join(directory, volume);
  };
}

/** By name of the pool. */
function directoriesOf(
  names: ReadonlySet<string>,
  hypervisor: Hypervisor,
): Promise<ReadonlyMap<string, string | undefined>> {
  return amongPools(hypervisor, async (all) => {
    const pools = all.filter(({ name }) => names.has(name));
    return new Map(
      await Promise.all(pools.map(async (pool) => [pool.name, await pathOfPool(pool)] as const)),
    );
  });
}

/**
 * Of another machine, and of what one may not look at, only a mark tells whether a path leads to what is to
 * go. Looked at are images below disks, which are few, and what is called alike; not what is in a directory
 * that is called as its VM is.
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

/**
 * What the files themselves name as their backing file, which a document need not repeat: layer by layer,
 * each file once.
 */
async function followChains(
  open: ReadonlyMap<string, string>,
  users: Map<string, string>,
  local: LocalFacts | undefined,
  context: VmContext,
): Promise<Pick<Usage, 'unseen' | 'marks'>> {
  const unseen: Unseen[] = [];
  const marks = new Map<string, string>();
  const known = new Set(open.keys());
  let layer = open;
  for (let depth = 0; layer.size > 0 && depth < LONGEST_CHAIN; depth += 1) {
    const looks = await lookAtDisks([...layer.keys()], context, local);
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
        if (known.has(below.path) || (below.isRaw && local !== undefined)) continue;
        known.add(below.path);
        next.set(below.path, name);
      }
    }
    layer = next;
  }
  const why = `below more than ${LONGEST_CHAIN} layers`;
  for (const [path, name] of layer) unseen.push({ name, path, why });
  return { unseen, marks };
}
