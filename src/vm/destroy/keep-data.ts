import { posix } from 'node:path';
import { bootDiskFile, dataDiskFile, SEED_FILE } from '../../config/vm-paths.ts';
import { isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import type { DomainMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import { readDisks } from '../../libvirt-xml/read/used-files.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import type { OwnFiles } from '../ownership/own-files.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { lookAt } from '../storage/find-volume.ts';
import type { DestroyTarget } from './target.ts';

/** Where all goes. */
export const NOTHING: ReadonlySet<string> = new Set();

/** Why a disk stays though it is the VM's own. */
const KEPT = 'data, kept: plow create --adopt-data takes it back';

/**
 * Paths of the disks of a VM that hold data: all but the one that it starts from. Each is looked at: what
 * stands on another file is worth nothing without it, and nobody would know that it is needed.
 * @throws PlowError (operation, storage)
 */
export async function dataToKeep(target: DestroyTarget, context: VmContext): Promise<ReadonlySet<string>> {
  const { name, metadata } = target;
  if (metadata === undefined) {
    throw new PlowError(
      'operation',
      `VM '${name}' was not made by plow: which of its disks hold data is not known`,
      { hint: `plow export --adopt ${shellArgument(name)} makes it one of plow's, if it can be` },
    );
  }
  const paths = dataOf(target, metadata);
  if (paths.length > 0) {
    const looking = refuseLayers(name, metadata.directory, paths, context);
    await explaining(looking, 'storage', `cannot look at the disks of VM '${name}'`);
  }
  return new Set(paths);
}

async function refuseLayers(
  name: string,
  directory: string,
  paths: readonly string[],
  context: VmContext,
): Promise<void> {
  const look = async (pool: Pool): Promise<void> => {
    for (const path of paths) {
      using found = await lookAt(pool, posix.basename(path), context);
      const below = found?.facts.backingPath;
      if (below !== undefined) throw standsOn(name, path, below);
    }
  };
  try {
    await withPoolOn(directory, context, look);
  } catch (error) {
    // Of a destroy that is run again.
    if (!isReason(error, 'no-such-file')) throw error;
  }
}

function standsOn(name: string, path: string, below: string): PlowError {
  return new PlowError('operation', `${path} stands on ${below}, which would not be kept with it`, {
    hint: `plow clone ${shellArgument(name)} NEW-NAME --ip ADDRESS makes a VM with disks that stand on nothing`,
  });
}

function dataOf({ stored, live }: DestroyTarget, { directory, declared }: DomainMetadata): readonly string[] {
  const made = declared.dataDisks.map(({ device }) => `${directory}/${dataDiskFile(device)}`);
  const named = [stored, live]
    .flatMap(readDisks)
    .flatMap(({ device, target, path = '' }) => (device === 'disk' && target !== 'vda' ? [path] : []));
  const boot = `${directory}/${bootDiskFile(declared.bootDisk.format)}`;
  const inDirectory = [...made, ...named].filter((path) => posix.dirname(path) === directory);
  return [...new Set(inDirectory)].filter((path) => path !== boot);
}

/**
 * The same files without those that are kept, and without what was there before a VM whose create died.
 * @throws PlowError (storage) where the seed cannot go: with it `plow gc` would take the directory for one of
 * a VM that is gone
 */
export function withoutKept(
  own: OwnFiles,
  { name, metadata }: DestroyTarget,
  keep: ReadonlySet<string>,
): OwnFiles {
  const { directory } = own;
  const isOwn = metadata?.directory === directory;
  const adopted = isOwn
    ? (metadata.adopted ?? []).map((device) => `${directory}/${dataDiskFile(device)}`)
    : [];
  const kept = [...new Set([...keep, ...adopted])].filter((path) => own.files.has(posix.basename(path)));
  if (kept.length === 0) return own;
  const seed = `${directory}/${SEED_FILE}`;
  const why = own.left.get(seed);
  if (why !== undefined)
    throw new PlowError(
      'storage',
      `the disks of VM '${name}' cannot be kept: ${seed} has to go, and stays (${why})`,
    );
  const names = new Set(kept.map((path) => posix.basename(path)));
  return {
    ...own,
    files: new Map([...own.files].filter(([file]) => !names.has(file))),
    expected: new Set([...own.expected].filter((file) => !names.has(file))),
    left: new Map([...own.left, ...kept.map((path) => [path, KEPT] as const)]),
  };
}
