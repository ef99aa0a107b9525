import { posix } from 'node:path';
import type { Pool } from '../../hypervisor/storage.ts';
import type { VmContext } from '../context.ts';
import { removeVolume } from '../storage/remove-file.ts';
import { bySight } from './own-files.ts';
import { usersOfFiles } from './used-files.ts';

export interface Swept {
  /** Names of files that went. */
  readonly removed: readonly string[];
  /** Paths that stay though the VM needs them no more, and why. */
  readonly left: ReadonlyMap<string, string>;
}

/** What a VM does not need. */
export interface Unused {
  /** Paths that nobody stands on. */
  readonly unused: readonly string[];
  /** Paths that somebody stands on, or may, and who. */
  readonly left: ReadonlyMap<string, string>;
}

/**
 * Which files that a VM does not need no other VM stands on either.
 * @param paths in the directory of the VM `uuid` @throws PlowError, HypervisorError
 */
export async function unusedAmong(
  uuid: string,
  paths: readonly string[],
  context: VmContext,
): Promise<Unused> {
  const left = new Map<string, string>();
  if (paths.length === 0) return { unused: [], left };
  const names = new Set(paths.map((path) => posix.basename(path)));
  const usage = await usersOfFiles(uuid, { names, paths }, context);
  const { usersOf, unsure } = await bySight(new Set(paths), usage, context);
  const [doubt] = usage.unseen;
  for (const path of paths) {
    const user = usersOf.get(path);
    if (user !== undefined) left.set(path, `VM '${user}' stands on it`);
    else if (unsure.has(path)) left.set(path, `another VM may stand on it: ${unsure.get(path)}`);
    else if (doubt !== undefined) left.set(path, `VM '${doubt.name}' may stand on it: ${doubt.why}`);
  }
  return { unused: paths.filter((path) => !left.has(path)), left };
}

/** The VM whose files they are. */
export interface OwnerVm {
  readonly uuid: string;
  /** Asked before each file goes: throws where none may any more. */
  readonly assertSameVm?: () => Promise<void>;
}

/**
 * Deletes those of them that are unused.
 * @param again which of them the VM itself does not need, looked at just before: to look at what others stand
 * on takes a while
 * @throws PlowError, HypervisorError
 */
export async function removeUnused(
  { uuid, assertSameVm }: OwnerVm,
  paths: readonly string[],
  pool: Pool,
  context: VmContext,
  again: () => Promise<readonly string[]> = async () => paths,
): Promise<Swept> {
  const { unused, left } = await unusedAmong(uuid, paths, context);
  const removed: string[] = [];
  const still = new Set(unused.length === 0 ? [] : await again());
  for (const path of unused.filter((one) => still.has(one))) {
    const name = posix.basename(path);
    await assertSameVm?.();
    if (await removeVolume(pool, name, context, assertSameVm)) removed.push(name);
  }
  return { removed, left };
}
