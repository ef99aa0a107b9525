import { posix } from 'node:path';
import { HypervisorError, isReason } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import { metadataInDomain } from '../libvirt-xml/read-metadata.ts';
import { readDiskPaths, readDisks } from '../libvirt-xml/read-xml.ts';
import type { DomainDisk } from '../libvirt-xml/read-xml.ts';
import { vmDirectory } from '../libvirt-xml/vm-paths.ts';
import type { VmContext } from './context.ts';
import { explain, explaining } from './failure.ts';
import type { Domain } from './hypervisor.ts';
import { stopDomain } from './stop.ts';
import { openVmDirectory } from './vm-directory.ts';
import type { OpenDirectory } from './vm-directory.ts';

/**
 * Stops a VM and removes it with its own files: those in its directory that its document names, its NVRAM,
 * and the directory once it is empty. What is left is named. The domain goes last, so that a destroy
 * that failed half way can be run again. @throws PlowError, Interrupted
 */
export async function destroyVm(name: string, context: VmContext): Promise<void> {
  const { hypervisor, progress } = context;
  const domain = await explaining(hypervisor.findDomain(name), 'operation', 'cannot look up the VM');
  if (domain === undefined) {
    throw new PlowError('operation', `VM '${name}' does not exist`, { hint: await otherName(name, context) });
  }
  progress.title(`Destroying VM '${name}'...`);
  progress.begin('Stopping the VM');
  const documents = await readDocuments(domain);
  await stopDomain(domain, context);
  progress.done('VM stopped');

  progress.begin('Removing storage');
  context.signal.throwIfAborted();
  const left = await removeStorage(name, documents, context);
  context.signal.throwIfAborted();
  context.settled();
  await explaining(undefine(domain), 'operation', `cannot undefine VM '${name}'`);
  progress.done('Domain undefined');
  progress.done('Storage removed');
  for (const line of left) progress.note(`left: ${line}`);
  progress.success(`Successfully destroyed VM '${name}'`);
}

/** plow makes names lower case. */
async function otherName(name: string, { hypervisor }: VmContext): Promise<string> {
  const lower = name.toLowerCase();
  const found = lower === name ? undefined : await hypervisor.findDomain(lower);
  return found === undefined ? 'plow list --all shows the VMs there are' : `did you mean '${lower}'?`;
}

/** As stored and, for a running VM, as it runs: a disk may have been plugged in meanwhile. */
async function readDocuments(domain: Domain): Promise<{ stored: string; live: string }> {
  const message = `cannot read the document of VM '${domain.name}'`;
  return {
    stored: await explaining(domain.xml('stored'), 'operation', message),
    live: await explaining(domain.xml('live'), 'operation', message),
  };
}

/** A transient domain went away when it stopped. */
async function undefine(domain: Domain): Promise<void> {
  try {
    await domain.undefine();
  } catch (error) {
    if (!isReason(error, 'not-found')) throw error;
  }
}

/** @returns what was left and why, a line each */
async function removeStorage(
  name: string,
  { stored, live }: { stored: string; live: string },
  context: VmContext,
): Promise<readonly string[]> {
  const directory = metadataInDomain(stored)?.directory ?? vmDirectory(context.storagePath, name);
  const disks = new Map(
    [...readDisks(stored), ...readDisks(live)].map((disk) => [disk.path ?? disk.target, disk]),
  );
  const own: string[] = [];
  const left: string[] = [];
  try {
    const users = await usersOfFiles(name, context);
    for (const disk of disks.values()) {
      const reason = whyNotOwn(disk, directory, users);
      if (reason === undefined) own.push(posix.basename(disk.path ?? ''));
      else if (reason !== 'empty') left.push(`${disk.path ?? `disk ${disk.target}`} (${reason})`);
    }
    return [...left, ...(await emptyDirectory(name, directory, own, context))];
  } catch (error) {
    if (error instanceof HypervisorError && (await hasGone(name, context))) {
      throw new PlowError('operation', `VM '${name}' was removed by somebody else meanwhile`, {
        cause: error,
      });
    }
    throw explain(
      error,
      'storage',
      `cannot remove the storage of VM '${name}' in ${directory}`,
      'run the same command again',
    );
  }
}

/** Another destroy of the same VM was faster. */
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
  return new Map(others.flatMap((other) => readDiskPaths(other.xml).map((path) => [path, other.name])));
}

/** Undefined for a file that is the VM's own; `empty` for a drive without a medium. */
function whyNotOwn(
  disk: DomainDisk,
  directory: string,
  users: ReadonlyMap<string, string>,
): string | undefined {
  const { path, type } = disk;
  if (path === undefined)
    return type === 'file' || type === 'block' ? 'empty' : `its source is of type ${type}`;
  if (!isOwn(disk, path, directory)) return `not in the VM's directory ${directory}`;
  const user = users.get(path);
  return user === undefined ? undefined : `VM '${user}' stands on it`;
}

/** Exactly one level below the directory, without any `..` that would lead elsewhere. */
function isOwn({ type }: DomainDisk, path: string, directory: string): boolean {
  return type === 'file' && posix.normalize(path) === path && posix.dirname(path) === directory;
}

async function emptyDirectory(
  name: string,
  directory: string,
  own: readonly string[],
  context: VmContext,
): Promise<readonly string[]> {
  const open = await openVmDirectory(context, name, directory);
  if (open === undefined) return [];
  let files: readonly string[];
  try {
    for (const file of own) {
      context.signal.throwIfAborted();
      const volume = await open.pool.findVolume(file);
      await volume?.delete();
    }
    files = await open.pool.volumeNames();
  } catch (error) {
    await open.close(false).catch(() => undefined);
    throw error;
  }
  return closeDirectory(open, directory, files);
}

async function closeDirectory(
  open: OpenDirectory,
  directory: string,
  files: readonly string[],
): Promise<readonly string[]> {
  const unknown = files.map((file) => `${directory}/${file} (the VM does not name it)`);
  if (!open.own) {
    await open.close(false);
    return [...unknown, `${directory} (the pool '${open.pool.name}' on it is not plow's)`];
  }
  if (unknown.length > 0) {
    await open.close(false);
    return unknown;
  }
  try {
    await open.close(true);
    return [];
  } catch (error) {
    if (isReason(error, 'not-empty')) return [`${directory} (not empty)`];
    if (isReason(error, 'not-a-directory')) return [`${directory} (a link to a directory)`];
    throw error;
  }
}
