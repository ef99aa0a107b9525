import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HypervisorError, isReason } from '../errors/hypervisor-error.ts';
import type { HypervisorErrorReason } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import { metadataInDomain } from '../libvirt-xml/read-metadata.ts';
import { readDisks, readUsedPaths } from '../libvirt-xml/read-xml.ts';
import type { DomainDisk } from '../libvirt-xml/read-xml.ts';
import { machineFiles, vmDirectory } from '../libvirt-xml/vm-paths.ts';
import type { VmContext } from './context.ts';
import { explain } from './failure.ts';
import type { DomainDocument } from './hypervisor.ts';
import { stopLentPool } from './lent-pool.ts';
import { findNvram } from './nvram.ts';
import type { Nvram } from './nvram.ts';
import { shellQuote } from './shell-quote.ts';
import { openVmDirectory } from './vm-directory.ts';
import type { OpenDirectory } from './vm-directory.ts';
import { whenIdle } from './when-idle.ts';

/** How often another destroy of the same VM may get in the way before that counts as an error. */
const TRIES = 20;
const PAUSE_MS = 25;
/** What a call says when another destroy has just removed or opened what it is about. */
const CROSSED: ReadonlySet<HypervisorErrorReason> = new Set([
  'not-found',
  'no-such-file',
  'busy',
  'already-exists',
]);

/** Paths, and why they stay. */
type Left = Map<string, string>;

/** What destroy did with a VM's files. */
export interface Removed {
  /** Paths that stay, and why. */
  readonly left: ReadonlyMap<string, string>;
  readonly nvram: Nvram | undefined;
}

/**
 * Deletes the files that are provably the VM's own, and their directory once it is empty; the NVRAM goes with the domain.
 * @param documents the domain as stored and as it ran
 * @throws PlowError (storage; operation where another destroy was faster)
 */
export async function removeStorage(
  name: string,
  { stored, live }: { readonly stored: string; readonly live: string },
  context: VmContext,
): Promise<Removed> {
  const metadata = metadataInDomain(stored);
  const directory = metadata?.directory ?? vmDirectory(context.storagePath, name);
  const disks = [stored, live].flatMap((xml) => understand({ name, xml }, readDisks));
  const made = metadata === undefined ? [] : machineFiles(metadata.machine);
  try {
    const users = await usersOfFiles(name, context);
    const nvram = findNvram(name, { stored, live }, directory, users);
    const own = ownFiles({ directory, disks, made, nvram, users });
    const image = metadata?.status === 'creating' ? metadata.machine.bootDisk.image : undefined;
    if (image !== undefined) await stopLentPool(posix.dirname(image), context);
    for (let tries = 1; ; tries += 1) {
      const left: Left = new Map(own.left);
      try {
        await emptyDirectory(name, directory, own.files, left, context);
        return { left, nvram };
      } catch (error) {
        if (tries === TRIES || !(error instanceof HypervisorError) || !CROSSED.has(error.reason)) throw error;
        await sleep(PAUSE_MS);
      }
    }
  } catch (error) {
    if (error instanceof HypervisorError && (await hasGone(name, context))) {
      throw removedMeanwhile(name, error);
    }
    const message = `cannot remove the storage of VM '${name}' in ${directory}`;
    throw explain(error, 'storage', message, 'run the same command again');
  }
}

/** Another destroy of the same VM was faster. */
export function removedMeanwhile(name: string, cause: unknown): PlowError {
  return new PlowError('operation', `VM '${name}' was removed by somebody else meanwhile`, { cause });
}

async function hasGone(name: string, { hypervisor }: VmContext): Promise<boolean> {
  try {
    return (await hypervisor.findDomain(name)) === undefined;
  } catch {
    return false;
  }
}

/** Which other VM stands on a file, be it as its disk or far down in a backing chain. */
async function usersOfFiles(name: string, { hypervisor }: VmContext): Promise<ReadonlyMap<string, string>> {
  const others = (await hypervisor.domainDocuments()).filter((other) => other.name !== name);
  return new Map(
    others.flatMap((other) => understand(other, readUsedPaths).map((path) => [path, other.name])),
  );
}

/** Reads facts from a document. One that cannot be read may name the very files that are to go. */
function understand<T>({ name, xml }: DomainDocument, read: (document: string) => T): T {
  try {
    return read(xml);
  } catch (cause) {
    throw new PlowError('operation', `cannot read the document of VM '${name}', so nothing is deleted`, {
      hint: `see virsh dumpxml --inactive ${shellQuote(name)}`,
      detail: String(cause),
      cause,
    });
  }
}

interface Traces {
  readonly directory: string;
  readonly disks: readonly DomainDisk[];
  /** Names of the files that plow made; a snapshot may have put others in their place since. */
  readonly made: readonly string[];
  readonly nvram: Nvram | undefined;
  readonly users: ReadonlyMap<string, string>;
}

/** Names of the files in the directory that are the VM's own; what it names elsewhere goes to `left`. */
function ownFiles({ directory, disks, made, nvram, users }: Traces): {
  readonly files: ReadonlySet<string>;
  readonly left: Left;
} {
  const files = new Set<string>();
  const left: Left = new Map();
  const claim = (path: string): void => {
    const user = users.get(path);
    if (user === undefined) files.add(posix.basename(path));
    else left.set(path, `VM '${user}' stands on it`);
  };
  for (const file of made) claim(`${directory}/${file}`);
  for (const { path, target, type } of disks) {
    if (path === undefined) {
      // A drive without a medium has nothing to leave.
      if (type !== 'file' && type !== 'block') left.set(`disk ${target}`, `its source is of type ${type}`);
    } else if (type === 'file' && isIn(directory, path)) claim(path);
    else left.set(path, `not in the VM's directory ${directory}`);
  }
  if (nvram?.kept !== undefined) left.set(nvram.path, nvram.kept);
  else if (nvram !== undefined && isIn(directory, nvram.path)) claim(nvram.path);
  return { files, left };
}

/** Exactly one level below, without a detour. */
function isIn(directory: string, path: string): boolean {
  return posix.normalize(path) === path && posix.dirname(path) === directory;
}

async function emptyDirectory(
  name: string,
  directory: string,
  own: ReadonlySet<string>,
  left: Left,
  context: VmContext,
): Promise<void> {
  const open = await openVmDirectory(context, name, directory);
  if (open === undefined) return;
  let files: readonly string[];
  try {
    for (const file of own) {
      context.signal.throwIfAborted();
      const volume = await open.pool.findVolume(file);
      if (volume !== undefined) await whenIdle(open.pool, context, () => volume.delete());
    }
    files = await open.pool.volumeNames();
  } catch (error) {
    await open.close(false).catch(() => undefined);
    throw error;
  }
  for (const file of files) {
    const path = `${directory}/${file}`;
    if (!left.has(path)) left.set(path, 'the VM does not name it');
  }
  await closeDirectory(open, directory, files.length === 0, left);
}

async function closeDirectory(
  open: OpenDirectory,
  directory: string,
  isEmpty: boolean,
  left: Left,
): Promise<void> {
  if (!open.own) left.set(directory, `the pool '${open.pool.name}' on it is not plow's`);
  try {
    await open.close(open.own && isEmpty);
  } catch (error) {
    if (isReason(error, 'not-empty')) left.set(directory, 'not empty');
    else if (isReason(error, 'not-a-directory')) left.set(directory, 'a link to a directory');
    else throw error;
  }
}
