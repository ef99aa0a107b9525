import type { DiskUsage } from '../../../hypervisor/storage.ts';
import type { Connection } from '../../connection/connection.ts';
import { nameOf } from '../identity.ts';
import { takenField } from './taken.ts';
import { withDomainStats } from '../stats.ts';
import type { DomainStats } from '../stats.ts';

const VIR_DOMAIN_STATS_BLOCK = 2 ** 5;

/**
 * The disks of all domains in one round trip; libvirtd opens each image that is not in use for its size. Left
 * out are disks without a path, and those of a domain that is busy.
 */
export function diskUsages(connection: Connection): Promise<readonly DiskUsage[]> {
  return withDomainStats(connection, VIR_DOMAIN_STATS_BLOCK, 0, (records) => records.flatMap(disksOf));
}

function disksOf({ domain, stats }: DomainStats): readonly DiskUsage[] {
  const name = nameOf(domain);
  const taken = takenField(domain);
  return Array.from({ length: Number(stats.get('block.count') ?? 0) }, (_, index): readonly DiskUsage[] => {
    const of = (field: string): unknown => stats.get(`block.${index}.${field}`);
    const path = of('path');
    const capacity = of('capacity');
    if (typeof path !== 'string' || capacity === undefined) return [];
    // Absent where it is 0.
    return [{ domain: name, path, capacityBytes: Number(capacity), takenBytes: Number(of(taken) ?? 0) }];
  }).flat();
}
