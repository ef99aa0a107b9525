import { posix } from 'node:path';
import type { Layout } from '../../config/machine/layout.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { DiskFacts } from '../../libvirt-xml/domain/devices/disk.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import { bytesText } from '../../text/quantities.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { GIB } from '../../text/units.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { judgeOne } from '../features/ask.ts';
import { bySight, wordsOf } from '../ownership/own-files.ts';
import { usersOfFiles } from '../ownership/used-files.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { lookAt } from '../storage/find-volume.ts';

/** A QEMU that hangs is not waited for longer. */
const SIZES_MS = 10_000;

/** A VM as it is, before anything is done. */
export interface Seen {
  readonly domain: Domain;
  readonly stored: DomainFacts;
  /** Undefined for a VM that does not run. */
  readonly live: DomainFacts | undefined;
  /** What plow made it with, of CPUs and memory. */
  readonly made: Layout | undefined;
}

/** A disk that is to have a size. */
export interface SizedDisk {
  readonly target: string;
  readonly path: string;
  readonly bytes: number;
  /** As it is now. */
  readonly bytesNow: number;
}

/**
 * The disks with what they are to have, all of which may be grown: nobody else stands on them, and none is
 * to shrink.
 * @param sizes in GiB, by target
 * @throws PlowError (operation, storage, connection)
 */
export async function inspectDisks(
  seen: Seen,
  sizes: ReadonlyMap<string, number>,
  context: VmContext,
): Promise<readonly SizedDisk[]> {
  if (sizes.size === 0) return [];
  const { name } = seen.domain;
  const paths = new Map([...sizes.keys()].map((target) => [target, pathOf(seen, target)] as const));
  await refuseShared(seen, new Set(paths.values()), context);
  const now = await sizesOf(seen, paths, context);
  return [...sizes].map(([target, gib]) => {
    const [bytes, bytesNow] = [gib * GIB, now.get(target)];
    if (bytesNow === undefined) throw unknownSize(name, target);
    if (bytes < bytesNow) {
      const message = `disk ${target} of VM '${name}' has ${bytesText(bytesNow)}: it cannot shrink to ${gib} GiB`;
      throw new PlowError('operation', message, {
        hint: 'what is behind the new end would be lost; a new disk and a copy in the guest make it smaller',
      });
    }
    return { target, path: paths.get(target) ?? '', bytes, bytesNow };
  });
}

/** Makes a disk as large as it is to be, while the VM runs or not. @throws HypervisorError */
export async function growDisk(seen: Seen, disk: SizedDisk, context: VmContext): Promise<void> {
  const { target, path, bytes } = disk;
  if (seen.live !== undefined) {
    const { has } = await judgeOne('grow-only', context.hypervisor);
    return seen.domain.resizeDisk(target, bytes, has === true);
  }
  return withPoolOn(posix.dirname(path), context, async (pool) => {
    using found = await lookAt(pool, posix.basename(path), context);
    if (found === undefined) throw missing(seen.domain.name, target, path);
    // Somebody else was faster: what is larger stays so.
    if (found.facts.capacityBytes < bytes) await found.volume.resize(bytes);
  });
}

/** The file of a disk that can be grown. @throws PlowError */
function pathOf({ domain: { name }, stored, live }: Seen, target: string): string {
  const disk = stored.disks.find((one) => one.target === target);
  if (disk === undefined) {
    const known = stored.disks.filter(({ device }) => device === 'disk').map((one) => one.target);
    throw new PlowError('operation', `VM '${name}' has no disk ${target}`, {
      hint: known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`,
    });
  }
  const running = live?.disks.find((one) => one.target === target);
  const why = whyNot(disk) ?? (live === undefined || running?.source === disk.source ? undefined : OTHER);
  if (why === undefined && disk.source !== undefined) return disk.source;
  throw new PlowError('operation', `disk ${target} of VM '${name}' cannot be grown: ${why}`, {
    hint: `plow show ${shellArgument(name)} says more`,
  });
}

const OTHER = 'what runs differs from what is stored';

function whyNot({ device, type, source, format, readOnly }: DiskFacts): string | undefined {
  if (device !== 'disk') return `it is a ${device}`;
  if (type !== 'file' || source === undefined) return `its source is of type ${type}, and not a file`;
  if (readOnly) return 'it is read-only';
  if (format !== 'qcow2' && format !== 'raw') return `its format is ${format ?? 'not known'}`;
  return undefined;
}

/** A file that another VM stands on, be it far down in a chain, is never changed. @throws PlowError */
async function refuseShared(
  { domain: { name, uuid } }: Seen,
  paths: ReadonlySet<string>,
  context: VmContext,
): Promise<void> {
  const cannot = `cannot tell whose the disks of VM '${name}' are`;
  const names = new Set([...paths].map((path) => posix.basename(path)));
  const looking = usersOfFiles(uuid, { names, paths: [...paths] }, context);
  const usage = await explaining(looking, 'storage', cannot);
  const { usersOf, unsure } = await explaining(bySight(paths, usage, context), 'storage', cannot);
  const [doubt] = usage.unseen;
  for (const path of paths) {
    const user = usersOf.get(path);
    const unknown = unsure.get(path);
    const why =
      (user && `VM '${user}' stands on it`) ??
      (unknown && `it could not be told whether another VM stands on it: ${unknown}`) ??
      (doubt && wordsOf(doubt));
    if (why !== undefined) throw new PlowError('storage', `${path} cannot be grown: ${why}`);
  }
}

/** Virtual sizes in bytes by target. @throws PlowError */
async function sizesOf(
  { domain, live }: Seen,
  paths: ReadonlyMap<string, string>,
  context: VmContext,
): Promise<ReadonlyMap<string, number>> {
  const { name } = domain;
  const cannot = `cannot look at the disks of VM '${name}'`;
  if (live !== undefined) {
    const asking = domain.diskSizes([...paths.keys()], SIZES_MS);
    const { sizes } = await explaining(asking, 'operation', cannot);
    return new Map([...sizes].map(([target, { capacityBytes }]) => [target, capacityBytes]));
  }
  const sizes = new Map<string, number>();
  for (const [target, path] of paths) {
    const looking = withPoolOn(posix.dirname(path), context, async (pool) => {
      using found = await lookAt(pool, posix.basename(path), context);
      return found?.facts.capacityBytes;
    });
    const bytes = await explaining(looking, 'storage', cannot);
    if (bytes === undefined) throw missing(name, target, path);
    sizes.set(target, bytes);
  }
  return sizes;
}

function missing(name: string, target: string, path: string): PlowError {
  return new PlowError('storage', `disk ${target} of VM '${name}' is not there: ${path}`);
}

function unknownSize(name: string, target: string): PlowError {
  return new PlowError('operation', `cannot tell the size of disk ${target} of VM '${name}'`, {
    hint: 'its QEMU gave no answer in time: try again',
  });
}
