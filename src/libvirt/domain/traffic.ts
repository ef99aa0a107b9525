import koffi from 'koffi';
import type { Traffic } from '../../hypervisor/domain-facts.ts';
import type { Connection } from '../connection/connection.ts';
import type { Pointer } from '../abi/native.ts';
import { VIR_DOMAIN_INTERFACE_STATS } from '../abi/structs.ts';

type NativeStats = Readonly<
  Record<`${'rx' | 'tx'}_${'bytes' | 'packets' | 'errs' | 'drop'}`, number | bigint>
>;

/**
 * What went through each tap, as the guest sees it; libvirt reads it from the host's kernel. A tap that went
 * away has none. https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainInterfaceStats
 */
export async function traffic(
  connection: Connection,
  domain: Pointer<'virDomain'>,
  taps: readonly string[],
): Promise<ReadonlyMap<string, Traffic>> {
  const size = koffi.sizeof(VIR_DOMAIN_INTERFACE_STATS);
  const buffers = taps.map(() => Buffer.alloc(size));
  const answers = await connection.callBatch(
    'virDomainInterfaceStats',
    taps.map((tap, index) => [domain, tap, buffers[index] ?? null, size]),
  );
  return new Map(
    taps.flatMap((tap, index) =>
      answers[index] === undefined
        ? []
        : [
            [
              tap,
              toTraffic(koffi.decode(buffers[index], VIR_DOMAIN_INTERFACE_STATS) as NativeStats),
            ] as const,
          ],
    ),
  );
}

function toTraffic(stats: NativeStats): Traffic {
  return {
    received: {
      bytes: known(stats.rx_bytes),
      packets: known(stats.rx_packets),
      errors: known(stats.rx_errs),
      drops: known(stats.rx_drop),
    },
    sent: {
      bytes: known(stats.tx_bytes),
      packets: known(stats.tx_packets),
      errors: known(stats.tx_errs),
      drops: known(stats.tx_drop),
    },
  };
}

function known(count: number | bigint): number | undefined {
  return count < 0 ? undefined : Number(count);
}
