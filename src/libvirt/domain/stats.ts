import koffi from 'koffi';
import type { Connection } from '../connection/connection.ts';
import { callLocal } from '../abi/native.ts';
import type { Pointer } from '../abi/native.ts';
import type { Call } from '../connection/calls.ts';
import { decodeArray, VIR_DOMAIN_STATS_RECORD, VIR_TYPED_PARAMETER } from '../abi/structs.ts';

/** Never waits for a domain that is busy with a job. */
const STATS_NOWAIT = 2 ** 29;
/** A QEMU that hangs is waited for all the same, unless a job waits for it already (measured). */
const PATIENCE_MS = 5000;

export interface DomainStats {
  /** Lives as long as the statistics. */
  readonly domain: Pointer<'virDomain'>;
  /** For instance `state.state`: 1. */
  readonly stats: ReadonlyMap<string, unknown>;
}

interface StatsRecord {
  readonly dom: Pointer<'virDomain'>;
  readonly params: bigint | null;
  readonly nparams: number;
}

/**
 * Runs `work` on statistics of all domains, which one round trip brings.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectGetAllDomainStats
 * @throws HypervisorError (busy) where a QEMU does not answer in 5 seconds, or in `withinMs`
 * @param stats virDomainStatsTypes @param flags virConnectGetAllDomainStatsFlags
 */
export async function withDomainStats<T>(
  connection: Connection,
  stats: number,
  flags: number,
  work: (records: readonly DomainStats[]) => T,
  withinMs = PATIENCE_MS,
): Promise<T> {
  const out: [bigint | null] = [null];
  const count = await connection.callWithin(
    withinMs,
    'virConnectGetAllDomainStats',
    connection.pointer,
    stats,
    out,
    flags | STATS_NOWAIT,
  );
  return takeRecords(out, count, work);
}

/**
 * As withDomainStats, of one domain.
 * @throws HypervisorError (busy) where the answer takes longer than `withinMs`
 */
export async function domainStats<T>(
  connection: Connection,
  domain: Pointer<'virDomain'>,
  stats: number,
  flags: number,
  withinMs: number,
  work: (records: readonly DomainStats[]) => T,
): Promise<T> {
  const out: [bigint | null] = [null];
  const name = 'virDomainListGetStats';
  const count = await connection.callWithin(withinMs, name, [domain, null], stats, out, flags | STATS_NOWAIT);
  return takeRecords(out, count, work);
}

/**
 * As withDomainStats, as one call among others: only for what enters no QEMU. Whatever came of it must be
 * taken.
 */
export function statsQuestion(
  connection: Connection,
  stats: number,
  flags: number,
): {
  readonly call: Call;
  readonly take: <T>(answer: unknown, work: (records: readonly DomainStats[]) => T) => T;
} {
  const out: [bigint | null] = [null];
  return {
    call: ['virConnectGetAllDomainStats', connection.pointer, stats, out, flags | STATS_NOWAIT],
    take: (answer, work) => takeRecords(out, answer, work),
  };
}

/** Reads and frees what libvirt gave. */
function takeRecords<T>(
  [list]: readonly [bigint | null],
  count: unknown,
  work: (records: readonly DomainStats[]) => T,
): T {
  if (list === null) return work([]);
  try {
    const pointers = Number(count) > 0 ? (decodeArray(list, 'void *', Number(count)) as bigint[]) : [];
    return work(
      pointers.map((pointer) => {
        const record = koffi.decode(pointer, VIR_DOMAIN_STATS_RECORD) as StatsRecord;
        return { domain: record.dom, stats: readStats(record) };
      }),
    );
  } finally {
    callLocal('virDomainStatsRecordListFree', list);
  }
}

/** virTypedParameterType, as what reads the value; a string is a pointer. */
const READERS: Readonly<Record<number, (bytes: Buffer, at: number) => number>> = {
  1: (bytes, at) => bytes.readInt32LE(at),
  2: (bytes, at) => bytes.readUInt32LE(at),
  3: (bytes, at) => Number(bytes.readBigInt64LE(at)),
  4: (bytes, at) => Number(bytes.readBigUInt64LE(at)),
  5: (bytes, at) => bytes.readDoubleLE(at),
  6: (bytes, at) => bytes.readInt8(at),
};

/** Copied and read by hand: koffi takes ten times as long, which a thousand domains feel. */
function readStats({ params, nparams }: StatsRecord): ReadonlyMap<string, unknown> {
  const size = koffi.sizeof(VIR_TYPED_PARAMETER);
  const bytes = Buffer.alloc(nparams * size);
  if (params !== null && nparams > 0) callLocal('memcpy', bytes, params, bytes.length);
  return new Map(
    Array.from({ length: nparams }, (_, index) => {
      const at = index * size;
      const field = bytes.toString('latin1', at, bytes.indexOf(0, at));
      const read = READERS[bytes.readInt32LE(at + koffi.offsetof(VIR_TYPED_PARAMETER, 'type'))];
      const value = read?.(bytes, at + koffi.offsetof(VIR_TYPED_PARAMETER, 'value'));
      return [
        field,
        value ?? (koffi.decode(params, at, VIR_TYPED_PARAMETER) as StringParameter).value.s,
      ] as const;
    }),
  );
}

interface StringParameter {
  readonly value: { readonly s: string };
}
