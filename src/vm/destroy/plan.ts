import { posix } from 'node:path';
import type { Domain } from '../../hypervisor/domain.ts';
import { isProtected } from '../../libvirt-xml/metadata/guard.ts';
import type { VmContext } from '../context.ts';
import { explain } from '../failure.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { OWN_DOCUMENT, ownDocumentsHere, ownDocumentsIn } from '../ownership/own-documents.ts';
import { CONSOLE_LOG } from '../ownership/own-files.ts';
import type { OwnFiles } from '../ownership/own-files.ts';
import { unusedAmong } from '../ownership/remove-unused.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { findAnyPoolByPath, TEMPORARY_POOL_PREFIX } from '../storage/find-pool.ts';
import { isLink } from '../storage/open-vm-directory.ts';
import { isVmPool } from '../storage/vm-directory.ts';
import { dataToKeep, hasTpmState, NOTHING } from './keep-data.ts';
import { layersAmong, whyLayer } from './made-later.ts';
import { LINK, ofForeignPool, whyUnknown } from './storage.ts';
import { describeTarget } from './target.ts';
import type { DestroyTarget } from './target.ts';
import { ownFilesOf } from './what-is-own.ts';
import { isReason } from '../../errors/hypervisor-error.ts';

export type GoingKind = 'domain' | 'file' | 'directory' | 'nvram' | 'saved memory' | 'snapshots' | 'tpm';

/** Something of a VM, and why it goes. */
export interface GoingPart {
  readonly kind: GoingKind;
  /** A path, or what it is called. */
  readonly what: string;
  readonly why: string;
}

/** What a destroy of a VM would do now. */
export interface DestroyPlan {
  readonly name: string;
  readonly uuid: string;
  readonly runs: boolean;
  /** A destroy of it is refused. */
  readonly isProtected: boolean;
  readonly isForeign: boolean;
  /** Files and directory first, the domain last, as destroy does. */
  readonly goes: readonly GoingPart[];
  /** Paths and the like, and why. */
  readonly stays: ReadonlyMap<string, string>;
  /** What should be there and is not. */
  readonly missing: readonly string[];
}

/**
 * What destroyVm would remove and leave, told by what destroyVm itself is told by. Nothing is changed; to
 * look into a directory of another machine a pool may be started for the time.
 * @throws PlowError
 */
export async function planDestroy(
  domain: Domain,
  context: VmContext,
  { keepsData = false, dropsTpm = false }: { readonly keepsData?: boolean; readonly dropsTpm?: boolean } = {},
): Promise<DestroyPlan> {
  const { name, uuid } = domain;
  const target = await describeTarget(domain, context);
  const cannot = `cannot look at the storage of VM '${name}'`;
  try {
    const status = await domain.status();
    const keep = keepsData ? await dataToKeep(target, context, dropsTpm) : NOTHING;
    const { own: named, snapshots } = await ownFilesOf(target, keep, context);
    const there = await lookInto(target, named, context);
    const own = await withLayers(target, named, there, context);
    const { stays, missing, files, directoryGoes } = sort(own, there);
    return {
      name,
      uuid,
      runs: status.active,
      isProtected: [target.stored, target.live].some(isProtected),
      isForeign: target.metadata === undefined,
      goes: [
        ...files,
        ...(directoryGoes ? [{ kind: 'directory', what: own.directory, why: 'empty then' } as const] : []),
        ...partsOfDomain(target, own, { snapshots, managedSave: status.managedSave === true }),
      ],
      stays,
      missing,
    };
  } catch (error) {
    if (isReason(error, 'disconnected')) throw explain(error, 'storage', cannot);
    throw explainOfVm(error, name, cannot);
  }
}

/** A directory as it is: names in it, a link in its place, or nothing. */
interface There {
  readonly names: readonly string[] | 'missing' | 'link';
  /** Those of them that are documents of the VM. */
  readonly documents: readonly string[];
  /** Of a pool on it that is not plow's. */
  readonly pool: string | undefined;
}

async function lookInto({ name, uuid }: DestroyTarget, own: OwnFiles, context: VmContext): Promise<There> {
  const { directory } = own;
  const { hypervisor } = context;
  using found = await findAnyPoolByPath(hypervisor, directory);
  const isTheirs =
    found !== undefined && !isVmPool(found.name, name) && !found.name.startsWith(TEMPORARY_POOL_PREFIX);
  const pool = isTheirs ? found.name : undefined;
  const real = await hypervisor.realPath(directory);
  const above = await hypervisor.realPath(posix.dirname(directory));
  if (real !== undefined && above !== undefined && real !== posix.join(above, posix.basename(directory)))
    return { names: 'link', documents: [], pool };
  const { local } = hypervisor;
  const here = await local?.names(directory);
  if (local !== undefined && here !== undefined) {
    const documents = own.isShared ? [] : await ownDocumentsHere(directory, here, { name, uuid }, local);
    return { names: here, documents, pool };
  }
  try {
    const seen = await withPoolOn(directory, context, async (one) => {
      const names = await one.volumeNames();
      const documents = own.isShared ? [] : await ownDocumentsIn(one, names, { name, uuid });
      return { names, documents };
    });
    if (local === undefined && seen.names.length > 0 && (await isLink(directory, context)))
      return { names: 'link', documents: [], pool };
    return { ...seen, pool };
  } catch (error) {
    if (isReason(error, 'no-such-file')) return { names: 'missing', documents: [], pool };
    throw error;
  }
}

/** With what no document of a VM need name: layers and copies that plow made for snapshots. */
async function withLayers(
  target: DestroyTarget,
  own: OwnFiles,
  { names }: There,
  context: VmContext,
): Promise<OwnFiles> {
  if (typeof names === 'string') return own;
  const others = names.filter((name) => !own.files.has(name) && !own.left.has(`${own.directory}/${name}`));
  const paths = layersAmong(target, own.directory, others);
  const { unused, left } = await unusedAmong(target.uuid, paths, context);
  const layers = unused.map((path) => [posix.basename(path), whyLayer(posix.basename(path))] as const);
  return { ...own, files: new Map([...own.files, ...layers]), left: new Map([...own.left, ...left]) };
}

function sort(
  own: OwnFiles,
  { names, documents, pool }: There,
): Pick<DestroyPlan, 'stays' | 'missing'> & {
  readonly files: readonly GoingPart[];
  readonly directoryGoes: boolean;
} {
  const { directory, expected } = own;
  const stays = new Map(own.left);
  if (names === 'link') {
    stays.set(directory, LINK);
    return { stays, missing: [], files: [], directoryGoes: false };
  }
  const present = new Set(names === 'missing' ? [] : names);
  const gone = [...expected].filter((file) => !present.has(file));
  if (present.size === 0) {
    const missing = gone.length > 0 ? [`${directory} with ${gone.join(', ')}`] : [];
    return { stays, missing, files: [], directoryGoes: names !== 'missing' };
  }
  const files: GoingPart[] = [];
  for (const [file, why] of own.files) {
    if (!present.has(file)) continue;
    const what = `${directory}/${file}`;
    files.push({ kind: own.nvram?.path === what ? 'nvram' : 'file', what, why });
    const link = own.links.get(file);
    if (link !== undefined) stays.set(link, `${what} was a link to it`);
  }
  const parts = [...present].filter((file) => own.logParts.has(file));
  for (const file of parts) files.push({ kind: 'file', what: `${directory}/${file}`, why: CONSOLE_LOG });
  const others = [...present].filter((file) => !own.files.has(file) && !own.logParts.has(file));
  for (const file of others.filter((one) => documents.includes(one)))
    files.push({ kind: 'file', what: `${directory}/${file}`, why: OWN_DOCUMENT });
  const rest = others.filter((file) => !documents.includes(file)).map((file) => `${directory}/${file}`);
  for (const path of rest) if (!stays.has(path)) stays.set(path, whyUnknown(posix.basename(path)));
  if (pool !== undefined) stays.set(directory, ofForeignPool(pool));
  const missing = gone.map((file) => `${directory}/${file}`);
  return { stays, missing, files, directoryGoes: rest.length === 0 && pool === undefined };
}

/** What libvirt removes with the domain. */
function partsOfDomain(
  { name, stored }: DestroyTarget,
  { nvram, directory }: OwnFiles,
  { snapshots, managedSave }: { readonly snapshots: number; readonly managedSave: boolean },
): readonly GoingPart[] {
  const withDomain = 'libvirt keeps it with the domain';
  const apart = nvram !== undefined && nvram.kept === undefined && posix.dirname(nvram.path) !== directory;
  const count = `${snapshots} snapshot${snapshots === 1 ? '' : 's'}`;
  return [
    ...(apart ? [{ kind: 'nvram', what: nvram.path, why: 'its UEFI variables' } as const] : []),
    ...(managedSave ? [{ kind: 'saved memory', what: 'saved memory', why: withDomain } as const] : []),
    ...(snapshots > 0 ? [{ kind: 'snapshots', what: count, why: withDomain } as const] : []),
    ...(hasTpmState(stored) ? [{ kind: 'tpm', what: 'state of its TPM', why: withDomain } as const] : []),
    { kind: 'domain', what: name, why: 'the VM itself' },
  ];
}
