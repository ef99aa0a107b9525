import { HypervisorError } from '../../../errors/hypervisor-error.ts';
import type { Pointer } from '../../abi/native.ts';
import type { Connection } from '../../connection/connection.ts';
import { domainStats } from '../stats.ts';

/** https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainStatsTypes */
const VIR_DOMAIN_STATS_BLOCK = 32;

/**
 * What a domain that runs has read of its disks, all together; undefined where its QEMU does not tell that in
 * time. @throws HypervisorError (disconnected)
 */
export async function bytesRead(
  connection: Connection,
  domain: Pointer<'virDomain'>,
  withinMs: number,
): Promise<number | undefined> {
  try {
    return await domainStats(connection, domain, VIR_DOMAIN_STATS_BLOCK, 0, withinMs, (records) => {
      const counts = [...(records[0]?.stats ?? [])].filter(([field]) => field.endsWith('.rd.bytes'));
      return counts.length === 0 ? undefined : counts.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
    });
  } catch (error) {
    if (error instanceof HypervisorError && error.reason !== 'disconnected') return undefined;
    throw error;
  }
}
