import type { HostsDocument } from '../../documents/hosts/hosts-schema.ts';
import type { PlowError } from '../../errors/plow-error.ts';
import type { HostFacts } from '../../vm/hosts/facts.ts';
import { failureEntry } from '../failure/document.ts';

/** What came of a host. */
export interface ShownHost {
  readonly name: string | undefined;
  /** Without a password. */
  readonly uri: string;
  readonly labels: readonly string[];
  readonly facts: HostFacts | undefined;
  readonly error: PlowError | undefined;
}

/** The document of `plow hosts -o json`. */
export function hostsDocument(hosts: readonly ShownHost[]): HostsDocument {
  return {
    hosts: hosts.map(({ name = null, uri, labels, facts, error }) => ({
      name,
      uri,
      labels: [...labels],
      facts: facts === undefined ? null : factsEntry(facts),
      error: error === undefined ? null : failureEntry(error),
    })),
  };
}

export type Entry = NonNullable<HostsDocument['hosts'][number]['facts']>;

/** Facts of one that could be asked. */
export function factsEntry({
  libvirt,
  qemu,
  cpus,
  memory,
  storage,
  runningVms,
  allVms,
  health,
}: HostFacts): Entry {
  return {
    libvirt,
    qemu: qemu ?? null,
    cpus: cpus ?? null,
    memory: room(memory),
    storage: room(storage),
    running_vms: runningVms,
    all_vms: allVms,
    health,
  };
}

function room(of: { totalBytes: number; availableBytes: number } | undefined): Entry['memory'] {
  return of === undefined ? null : { total_bytes: of.totalBytes, available_bytes: of.availableBytes };
}
