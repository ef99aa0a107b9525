import { GIB } from '../../text/units.ts';
import type { DiskUsage } from '../../hypervisor/storage.ts';
import { lookAtPath, nearestAbove } from '../host/own-storage-path.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import type { Examination, Finding } from './finding.ts';
import { ok, READ_ONLY, unknown, warning } from './finding.ts';

/**
 * Disks take what is written to them, and may grow to their size: together they may need more than there is.
 * One round trip for all disks. Those of other tools count as well, as far as they are below the storage
 * path; images of no VM do not.
 */
export async function checkSpace({ context, directories, diskUsages }: Examination): Promise<Finding> {
  const path = context.storagePath;
  const seen = await lookAtPath(path, directories, context.hypervisor);
  if ('closed' in seen) return unknown(seen.closed.text);
  const { facts } = seen;
  if (facts === 'unseen') return unknown(directories.unseen.get(path) ?? READ_ONLY);
  if (facts === 'no-such-file' && context.makesStoragePath === true) {
    // The first create makes it.
    const above = await nearestAbove(path, context.hypervisor);
    if (typeof above?.entry === 'object')
      return ok(`${inGib(above.entry.availableBytes)} free below ${above.path}`);
  }
  if (typeof facts === 'string') return unknown(`there is no directory ${path}`);
  const available = facts.availableBytes;
  if (available === undefined) return unknown(`the file system of ${path} does not count its free space`);
  const disks = disksBelow(path, await diskUsages());
  if (disks.length === 0) return ok(`${inGib(available)} free below ${path}`);
  const growth = disks.reduce((sum, disk) => sum + Math.max(0, disk.capacityBytes - disk.takenBytes), 0);
  const whose = `the ${count(disks.length, 'disk')} of ${count(new Set(disks.map(({ domain }) => domain)).size, 'VM')}`;
  if (growth <= available) {
    return ok(`${inGib(available)} free below ${path}, and ${whose} may grow by ${inGib(growth)}`);
  }
  return warning('space-overcommitted', {
    text: `${whose} below ${path} may grow by ${inGib(growth)}, and ${inGib(available)} are free: guests pause when it is full`,
    repair: `du -xhd1 ${shellQuote(path)} shows what takes the room`,
  });
}

/** Each file once, whoever shares it. */
function disksBelow(path: string, disks: readonly DiskUsage[]): readonly DiskUsage[] {
  const below = `${path === '/' ? '' : path}/`;
  const inside = disks.filter((disk) => disk.path.startsWith(below));
  return [...new Map(inside.map((disk) => [disk.path, disk])).values()];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function inGib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
