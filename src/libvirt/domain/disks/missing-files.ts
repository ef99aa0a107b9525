import { HypervisorError } from '../../../errors/hypervisor-error.ts';
import type { Connection } from '../../connection/connection.ts';
import { isActive, uuidOf } from '../identity.ts';
import { domainStats, withDomainStats } from '../stats.ts';
import type { DomainStats } from '../stats.ts';
import type { Pointer } from '../../abi/native.ts';

const VIR_DOMAIN_STATS_BLOCK = 2 ** 5;
/** virConnectGetAllDomainStatsFlags: the layers below as well, as far as the document names them. */
const BACKING = 2 ** 30;
const INACTIVE = 2;

/**
 * Files of a domain that does not run which libvirtd does not find: it looks at each, and counts no bytes of
 * those. None where the driver cannot tell, and where the answer takes too long.
 */
export async function missingFiles(
  connection: Connection,
  domain: Pointer<'virDomain'>,
  withinMs: number,
): Promise<readonly string[]> {
  if (isActive(domain)) return [];
  const asking = domainStats(connection, domain, VIR_DOMAIN_STATS_BLOCK, BACKING, withinMs, allMissing);
  return (await unlessRefused(asking)) ?? [];
}

/** As missingFiles, of all domains that do not run, by UUID: one call. */
export async function missingFilesOfStopped(
  connection: Connection,
  withinMs: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const flags = BACKING | INACTIVE;
  const asking = withDomainStats(connection, VIR_DOMAIN_STATS_BLOCK, flags, byUuid, withinMs);
  return (await unlessRefused(asking)) ?? new Map();
}

/** Undefined where libvirt does not answer, but for a connection that broke. */
async function unlessRefused<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof HypervisorError && error.reason !== 'disconnected') return undefined;
    throw error;
  }
}

function missingIn({ stats }: DomainStats): readonly string[] {
  return Array.from({ length: Number(stats.get('block.count') ?? 0) }, (_, index) => {
    const path = stats.get(`block.${index}.path`);
    const isThere = stats.has(`block.${index}.physical`);
    return typeof path === 'string' && path.startsWith('/') && !isThere ? [path] : [];
  }).flat();
}

function byUuid(records: readonly DomainStats[]): ReadonlyMap<string, readonly string[]> {
  return new Map(records.map((record) => [uuidOf(record.domain), missingIn(record)]));
}

function allMissing(records: readonly DomainStats[]): readonly string[] {
  return records.flatMap(missingIn);
}
