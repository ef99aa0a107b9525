import type { HostMemory } from '../../hypervisor/host.ts';
import type { Connection } from '../connection/connection.ts';

/** VIR_NODE_MEMORY_STATS_ALL_CELLS */
const ALL_CELLS = -1;
/** struct _virNodeMemoryStats: a name in 80 bytes, and a number of KiB. */
const NAME_BYTES = 80;
const ENTRY_BYTES = NAME_BYTES + 8;
/** Linux counts total, free, buffers and cached; libvirt refuses any other number. */
const ENTRIES = 4;
const KIB = 1024;

/**
 * One round trip. https://libvirt.org/html/libvirt-libvirt-host.html#virNodeGetMemoryStats
 * @throws HypervisorError with reason `unsupported` where the driver does not tell
 */
export async function hostMemory(connection: Connection): Promise<HostMemory> {
  const entries = Buffer.alloc(ENTRIES * ENTRY_BYTES);
  await connection.call('virNodeGetMemoryStats', connection.pointer, ALL_CELLS, entries, [ENTRIES], 0);
  const bytes = new Map(
    Array.from({ length: ENTRIES }, (_, index) => {
      const at = index * ENTRY_BYTES;
      const name = entries.toString('latin1', at, at + NAME_BYTES).replace(/\0.*$/su, '');
      return [name, Number(entries.readBigUInt64LE(at + NAME_BYTES)) * KIB] as const;
    }),
  );
  const sum = (...names: readonly string[]): number =>
    names.reduce((total, name) => total + (bytes.get(name) ?? 0), 0);
  return { totalBytes: sum('total'), availableBytes: sum('free', 'buffers', 'cached') };
}
