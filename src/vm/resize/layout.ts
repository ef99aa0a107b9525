import { PlowError } from '../../errors/plow-error.ts';
import type { Layout } from '../../config/machine/layout.ts';
import { productOf } from '../../config/machine/topology.ts';
import { pageKib } from '../../config/values/layout/hugepages.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import { memoryText } from '../../text/quantities.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { topologyText } from '../layout-words.ts';

const KIB_PER_MIB = 1024;

/** Whether the most that a VM can have stays, when it gets less than that. */
export interface Room {
  readonly vcpus: boolean;
  readonly memory: boolean;
}

/** @param made what plow made it with */
export function roomOf({ layout }: DomainFacts, made: Layout | undefined): Room {
  const { topology, cells } = layout;
  return {
    vcpus: topology !== undefined || cells.length > 0 || made?.vcpusMax !== undefined,
    memory: cells.length > 0 || made?.memoryMaxMib !== undefined,
  };
}

/**
 * Refuses what its topology, its NUMA nodes or its huge pages do not go with: libvirt would, half way through
 * or at the next start.
 * @throws PlowError (operation)
 */
export function refuseMisfit(
  name: string,
  { vcpus, memoryMib }: { readonly vcpus: number | undefined; readonly memoryMib: number | undefined },
  stored: DomainFacts,
  made: Layout | undefined,
): void {
  const { maximumVcpus, memoryKib, currentMemoryKib } = stored;
  const { topology, cells, hugepages } = stored.layout;
  if (vcpus !== undefined && vcpus > maximumVcpus) {
    const why =
      topology !== undefined && productOf(topology) === maximumVcpus
        ? `its topology (${topologyText(topology)}) makes ${maximumVcpus}`
        : `its NUMA nodes hold ${maximumVcpus}`;
    if (topology !== undefined || cells.length > 0)
      throw new PlowError('operation', `VM '${name}' cannot have ${vcpus} CPUs: ${why}`, {
        hint: wayOut(name, 'vcpu, topology and numa'),
      });
  }
  if (memoryMib === undefined) return;
  const wanted = memoryMib * KIB_PER_MIB;
  const [wants, has] = apart(wanted, memoryKib);
  if (cells.length > 0 && wanted > memoryKib)
    throw new PlowError(
      'operation',
      `VM '${name}' cannot have ${wants}: its NUMA nodes have ${has} together`,
      { hint: wayOut(name, 'memory and numa') },
    );
  const page = hugepages && pageKib(hugepages);
  // The most that it can have is in whole pages, also where it follows downwards.
  const isMost = wanted > memoryKib || (currentMemoryKib === memoryKib && !roomOf(stored, made).memory);
  if (page !== undefined && isMost && wanted % page !== 0)
    throw new PlowError(
      'operation',
      `VM '${name}' cannot have ${memoryMib} MiB: it has huge pages, and that is no multiple of ${memoryText(page)}`,
    );
}

/** Two amounts in words that differ. @param one in KiB @param other in KiB */
function apart(one: number, other: number): readonly [string, string] {
  const texts = [memoryText(one), memoryText(other)] as const;
  return texts[0] === texts[1] ? [`${one / KIB_PER_MIB} MiB`, `${other / KIB_PER_MIB} MiB`] : texts;
}

function wayOut(name: string, what: string): string {
  return `up to there it can be resized; virsh edit ${shellArgument(name)} changes ${what} together, for its next start`;
}
