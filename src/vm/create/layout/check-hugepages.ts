import type { Machine } from '../../../config/machine.ts';
import { mostMemoryMib } from '../../../config/machine/layout.ts';
import { settle } from '../../../config/settle.ts';
import type { GuestKind } from '../../../config/settle.ts';
import { pageKib } from '../../../config/values/layout/hugepages.ts';
import { HypervisorError } from '../../../errors/hypervisor-error.ts';
import { probeXml } from '../../../libvirt-xml/domain/layout/probe.ts';
import { memoryText } from '../../../text/quantities.ts';
import type { Inspection } from '../../host/inspection.ts';

const KIB_PER_MIB = 1024;

/**
 * Complains where there are not as many free huge pages as the VM takes, on the nodes that it takes them
 * from, or libvirt cannot use any. Two round trips. @throws HypervisorError
 */
export async function inspectHugepages(
  machine: Machine,
  kind: GuestKind,
  inspection: Inspection,
): Promise<void> {
  const { layout } = machine;
  if (layout?.hugepages === undefined) return;
  const { host, report, notChecked } = inspection;
  const { nodes, hugepageKib } = host.topology;
  const said = pageKib(layout.hugepages);
  if (nodes.length === 0 || hugepageKib.length === 0) {
    notChecked({ check: 'hugepages', why: 'libvirt does not tell which there are' });
    return;
  }
  if (said !== undefined && !hugepageKib.includes(said)) {
    const has = hugepageKib.map(memoryText).join(', ');
    report(['hugepages'], `this hypervisor has no pages of ${memoryText(said)}: it has ${has}`);
    return;
  }
  try {
    const flaw = await inspection.context.hypervisor.flawOf(
      probeXml({ ...kind, machineType: settle(machine, kind).machineType, hugepages: layout.hugepages }),
    );
    if (flaw !== undefined)
      report(
        ['hugepages'],
        `libvirt cannot use huge pages (${flaw}): mount -t hugetlbfs hugetlbfs /dev/hugepages there, and restart its daemon`,
      );
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    notChecked({ check: 'hugepages', why: 'libvirt does not tell whether it can use them' });
  }
  await checkFree(machine, said === undefined ? hugepageKib : [said], inspection);
}

/** Of the hypervisor's own size it is not known which that is: one of them must do. */
async function checkFree(machine: Machine, sizes: readonly number[], inspection: Inspection): Promise<void> {
  const { host, report, notChecked, context } = inspection;
  const last = Math.max(...host.topology.nodes.map(({ id }) => id));
  let free: readonly (readonly number[])[];
  try {
    free = await context.hypervisor.freePages(sizes, last + 1);
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    return notChecked({ check: 'hugepages', why: 'libvirt does not tell how many are free' });
  }
  const lacking = sizes.map((kib, index) => {
    const counts = free.map((node) => node[index] ?? 0);
    return lackOf(machine, kib, counts);
  });
  const [first] = lacking;
  if (first !== undefined && lacking.every((one) => one !== undefined)) report(first.path, first.text);
}

interface Lack {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** @param counts free pages, by node */
function lackOf(machine: Machine, kib: number, counts: readonly number[]): Lack | undefined {
  const cells = machine.layout?.cells ?? [];
  const taken = new Map<number, number>();
  for (const [index, { memoryMib, hostNode }] of cells.entries()) {
    if (hostNode === undefined) continue;
    const wanted = (taken.get(hostNode) ?? 0) + pagesIn(memoryMib, kib);
    taken.set(hostNode, wanted);
    const has = counts[hostNode];
    if (has !== undefined && wanted > has)
      return { path: ['numa', index, 'host_node'], text: words(wanted, has, kib, `node ${hostNode}`) };
  }
  const [wanted, has] = [pagesIn(mostMemoryMib(machine), kib), counts.reduce((sum, one) => sum + one, 0)];
  return wanted > has ? { path: ['hugepages'], text: words(wanted, has, kib, 'the hypervisor') } : undefined;
}

function pagesIn(mib: number, kib: number): number {
  return Math.ceil((mib * KIB_PER_MIB) / kib);
}

function words(wanted: number, has: number, kib: number, where: string): string {
  const free = has === 0 ? 'none free' : `${has} free`;
  return `the VM takes ${wanted} ${wanted === 1 ? 'page' : 'pages'} of ${memoryText(kib)}, and ${where} has ${free} (sysctl vm.nr_hugepages sets some apart)`;
}
