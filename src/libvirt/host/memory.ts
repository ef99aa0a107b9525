import { HypervisorError } from '../../errors/hypervisor-error.ts';
import type { HostMemory } from '../../hypervisor/host.ts';
import { VIR_ERR } from '../abi/error.ts';
import type { Connection } from '../connection/connection.ts';

/** VIR_NODE_MEMORY_STATS_ALL_CELLS */
const ALL_CELLS = -1;
/** struct _virNodeMemoryStats: a name in 80 bytes, and a number of KiB. */
const NAME_BYTES = 80;
const ENTRY_BYTES = NAME_BYTES + 8;
/**
 * Total, free, buffers and cached: what libvirt counts on Linux, and refuses any other number of. 12.3 and
 * later have `available` as well.
 */
const ENTRIES = 4;
const KIB = 1024;

type Caller = Pick<Connection, 'call' | 'pointer'>;

/**
 * One round trip; three to libvirt 12.3 and later.
 * https://libvirt.org/html/libvirt-libvirt-host.html#virNodeGetMemoryStats
 * @throws HypervisorError with reason `unsupported` where the driver does not tell
 */
export async function hostMemory(connection: Caller): Promise<HostMemory> {
  const bytes = await ask(connection, ENTRIES).catch(async (error: unknown) => {
    if (!(error instanceof HypervisorError) || error.code !== VIR_ERR.INVALID_ARG) throw error;
    return ask(connection, await countEntries(connection));
  });
  const sum = (...names: readonly string[]): number =>
    names.reduce((total, name) => total + (bytes.get(name) ?? 0), 0);
  return {
    totalBytes: sum('total'),
    availableBytes: bytes.get('available') ?? sum('free', 'buffers', 'cached'),
  };
}

async function countEntries(connection: Caller): Promise<number> {
  const count = [0];
  await connection.call('virNodeGetMemoryStats', connection.pointer, ALL_CELLS, null, count, 0);
  return count[0] ?? 0;
}

/** Bytes by name. */
async function ask(connection: Caller, count: number): Promise<ReadonlyMap<string, number>> {
  const entries = Buffer.alloc(count * ENTRY_BYTES);
  await connection.call('virNodeGetMemoryStats', connection.pointer, ALL_CELLS, entries, [count], 0);
  return new Map(
    Array.from({ length: count }, (_, index) => {
      const at = index * ENTRY_BYTES;
      const name = entries.toString('latin1', at, at + NAME_BYTES).replace(/\0.*$/su, '');
      return [name, Number(entries.readBigUInt64LE(at + NAME_BYTES)) * KIB] as const;
    }),
  );
}
