import type { VmContext } from '../context.ts';
import { explain } from '../failure.ts';
import { isOnItsWay, listVms } from '../list/list.ts';
import type { VmRow } from '../list/list.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { findDirectories, namesBelow } from './directories.ts';
import type { Garbage } from './garbage.ts';
import { incompleteVm } from './incomplete.ts';
import { findInVmDirectories } from './in-vm-directories.ts';
import { findMortal } from './mortal.ts';
import { findNvrams } from './nvram.ts';
import { findPools } from './pools.ts';
import { findPulls } from './pulls.ts';
import { sharing } from './shared.ts';
import { findUploads } from './uploads.ts';

export interface GcOptions {
  /** How long a create may take, and how long nobody may have written to what is left over. */
  readonly restMs: number;
  /** The user's word that no other hypervisor has VMs below the storage path. */
  readonly notShared: boolean;
}

/**
 * What no VM of a hypervisor owns any more below the storage path, what plows that were killed have left, and
 * VMs that lack files. Nothing is changed.
 * @throws PlowError, Interrupted
 */
export async function findGarbage(
  { restMs, notShared }: GcOptions,
  context: VmContext,
): Promise<readonly Garbage[]> {
  try {
    // Before the VMs: one that is made meanwhile must not look as if it were gone.
    const names = await namesBelow(context);
    const rows = await listVms(context.hypervisor, { all: true, facts: new Set(['own', 'files'] as const) });
    const vms = new Set(rows.map(({ name }) => name));
    const incomplete = rows.filter(({ state }) => state === 'incomplete');
    const pools = await findPools(new Set(incomplete.map(({ name }) => name)), context);
    const whyShared = notShared ? async () => undefined : await sharing(context);
    const directories = await findDirectories(names, vms, { whyShared, restMs }, context);
    const nvrams = await findNvrams(vms, provenNames(directories), context);
    const inside = await findInVmDirectories(rows, context);
    const dead = incomplete.map((row) => incompleteVm(row, restMs, context));
    const uploads = await findUploads(restMs, context);
    const pulls = await findPulls(restMs, context);
    const mortal = await findMortal(context);
    // NVRAM goes before the directory that proves whose it was.
    return [
      ...dead,
      ...mortal,
      ...pools,
      ...nvrams,
      ...directories,
      ...inside,
      ...uploads,
      ...pulls,
      ...rows.flatMap(brokenIn),
    ];
  } catch (error) {
    throw explain(error, 'operation', 'cannot look for what is left over');
  }
}

function provenNames(directories: readonly Garbage[]): ReadonlySet<string> {
  const going = directories.filter(({ fate }) => 'remove' in fate);
  return new Set(going.map(({ what }) => what.slice(what.lastIndexOf('/') + 1)));
}

function brokenIn({ name, state, missing }: VmRow): readonly Garbage[] {
  // Of one on its way, its move has seen to that.
  if (isOnItsWay(state)) return [];
  return missing.map((path) => ({
    kind: 'broken chain',
    what: path,
    bytes: undefined,
    why: `VM '${name}' stands on it, and it is not there`,
    fate: { stays: `put it back, or plow destroy ${shellArgument(name)}` },
  }));
}
