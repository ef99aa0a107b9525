import type { TopDocument } from '../../documents/top/top-schema.ts';
import type { PlowError } from '../../errors/plow-error.ts';
import type { TopRow } from '../../vm/top/rates.ts';
import { failureEntry } from '../failure/document.ts';

export interface AskedHost {
  readonly name: string;
  readonly isWhole: boolean | undefined;
  readonly error: PlowError | undefined;
}

export function topDocument(hosts: readonly AskedHost[], rows: readonly TopRow[]): TopDocument {
  return {
    hosts: hosts.map(({ name, isWhole, error }) => ({
      name,
      is_whole: isWhole ?? null,
      error: error === undefined ? null : failureEntry(error),
    })),
    vms: rows.map(entryOf),
  };
}

function entryOf({
  name,
  uuid,
  host,
  state,
  vcpus,
  cpuPercent,
  memory,
  ...rates
}: TopRow): TopDocument['vms'][number] {
  return {
    name,
    uuid,
    ...(host === undefined ? {} : { host }),
    state,
    vcpus: vcpus ?? null,
    cpu_percent: rounded(cpuPercent),
    memory_bytes: memory.givenBytes ?? null,
    memory_used_bytes: memory.usedBytes ?? null,
    disk_read_bytes_per_second: rounded(rates.read),
    disk_written_bytes_per_second: rounded(rates.written),
    network_received_bytes_per_second: rounded(rates.received),
    network_sent_bytes_per_second: rounded(rates.sent),
  };
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10) / 10;
}
