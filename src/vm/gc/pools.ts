import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReason } from '../../errors/hypervisor-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { readPool, readPoolUuid } from '../../libvirt-xml/read/storage.ts';
import type { VmContext } from '../context.ts';
import { amongPools, TEMPORARY_POOL_PREFIX } from '../storage/find-pool.ts';
import { LOOKING_POOL_PREFIX } from '../storage/open-vm-directory.ts';
import { isVmPool, vmPoolName } from '../storage/vm-directory.ts';
import { NOTHING_LEFT } from './garbage.ts';
import type { Garbage, Left } from './garbage.ts';
import { isIncomplete } from './incomplete.ts';

/** A plow that works has a pool for less, unless a job runs there, which keeps it from being stopped. */
const AT_WORK_MS = 2000;

const AT_WORK = 'a plow works there';

/**
 * Pools that plows which were killed have left: by their name, and by the UUID that belongs to it. To remove
 * one removes no file.
 * @param incomplete names of VMs whose create is under way, or died @throws HypervisorError
 */
export function findPools(incomplete: ReadonlySet<string>, context: VmContext): Promise<readonly Garbage[]> {
  const seenAt = performance.now();
  return amongPools(context.hypervisor, async (pools) => {
    const found: Garbage[] = [];
    for (const { name } of pools.filter((pool) => pool.name.startsWith('plow-'))) {
      const pool = pools.find((one) => one.name === name);
      const path = pool && (await ownPath(pool));
      if (path === undefined) continue;
      const vm = posix.basename(path);
      const isCreates = isVmPool(name, vm) && incomplete.has(vm);
      found.push({
        kind: 'pool',
        what: name,
        bytes: undefined,
        why: `a plow that was killed has left it on ${path}`,
        fate: isCreates
          ? { stays: `VM '${vm}' is incomplete, and its create may be under way` }
          : { remove: () => removePool(name, isVmPool(name, vm) ? vm : undefined, seenAt, context) },
      });
    }
    return found;
  });
}

/** The directory of a pool that is plow's; undefined for another, and for one that went away. */
async function ownPath(pool: Pool): Promise<string | undefined> {
  let document: string;
  try {
    document = await pool.xml();
  } catch (error) {
    if (isReason(error, 'not-found')) return undefined;
    throw error;
  }
  const { path } = readPool(document);
  const uuid = readPoolUuid(document);
  if (path === undefined || uuid === undefined) return undefined;
  const names = [
    `${TEMPORARY_POOL_PREFIX}${uuid}`,
    `${LOOKING_POOL_PREFIX}${uuid}`,
    vmPoolName(posix.basename(path), uuid),
  ];
  return names.includes(pool.name) ? path : undefined;
}

/**
 * @param vm on whose directory it is
 * @param seenAt when it was seen first: a plow that works there would be done by now
 */
async function removePool(
  name: string,
  vm: string | undefined,
  seenAt: number,
  context: VmContext,
): Promise<Left> {
  const rest = seenAt + AT_WORK_MS - performance.now();
  await sleep(Math.max(0, rest), undefined, { signal: context.signal }).catch(() =>
    context.signal.throwIfAborted(),
  );
  return amongPools(context.hypervisor, async (pools) => {
    const pool = pools.find((one) => one.name === name);
    if (pool === undefined) return NOTHING_LEFT;
    using domain = vm === undefined ? undefined : await context.hypervisor.findDomain(vm);
    if (domain !== undefined && (await isIncomplete(domain))) return new Map([[name, AT_WORK]]);
    try {
      const isKept = await pool.isPersistent();
      if (await pool.isActive()) await pool.stop();
      if (isKept) await pool.undefine();
    } catch (error) {
      if (isReason(error, 'busy')) return new Map([[name, AT_WORK]]);
      if (!isReason(error, 'not-found')) throw error;
    }
    return NOTHING_LEFT;
  });
}
