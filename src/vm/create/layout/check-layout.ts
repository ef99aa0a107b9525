import type { Layout } from '../../../config/machine/layout.ts';
import type { Machine } from '../../../config/machine.ts';
import { settle } from '../../../config/settle.ts';
import type { GuestKind } from '../../../config/settle.ts';
import { cpuSetText } from '../../../config/values/layout/cpu-set.ts';
import { readDomainCapabilities } from '../../../libvirt-xml/read/domain-capabilities.ts';
import type { HostTopology } from '../../../libvirt-xml/read/host-topology.ts';
import { HypervisorError } from '../../../errors/hypervisor-error.ts';
import { didYouMean } from '../../../text/nearest.ts';
import { memoryText } from '../../../text/quantities.ts';
import { explaining } from '../../failure.ts';
import type { Inspection, Report } from '../../host/inspection.ts';
import { inspectHugepages } from './check-hugepages.ts';

const KIB_PER_MIB = 1024;

/**
 * Complains of CPUs, nodes, huge pages and CPU models that the hypervisor has not, which libvirt would miss
 * when the VM is started. No round trip, but for huge pages and for a model.
 */
export async function inspectLayout(
  machine: Machine,
  kind: GuestKind,
  inspection: Inspection,
): Promise<void> {
  const { layout } = machine;
  if (layout === undefined) return;
  const { host, report, notChecked } = inspection;
  if (needsTopology(layout)) {
    if (host.topology.nodes.length === 0)
      notChecked({ check: 'cpus', why: 'libvirt does not tell which there are' });
    else checkPlaces(layout, host.topology, report);
  }
  const cannot = 'cannot look at the CPUs and the memory of the hypervisor';
  await explaining(inspectModel(machine, kind, inspection), 'operation', cannot);
  await explaining(inspectHugepages(machine, kind, inspection), 'operation', cannot);
}

function needsTopology({ pins, emulatorCpus, cells }: Layout): boolean {
  return (
    pins.length > 0 || emulatorCpus !== undefined || cells.some(({ hostNode }) => hostNode !== undefined)
  );
}

function checkPlaces({ pins, emulatorCpus, cells }: Layout, { nodes }: HostTopology, report: Report): void {
  const there = nodes.flatMap(({ cpus }) => cpus).toSorted((one, other) => one - other);
  const missing = (cpus: readonly number[]): string | undefined => {
    const lost = cpus.filter((cpu) => !there.includes(cpu));
    if (lost.length === 0) return undefined;
    const which = lost.length === 1 ? 'CPU' : 'CPUs';
    return `this hypervisor has no ${which} ${cpuSetText(lost)}, or has it switched off: it has ${cpuSetText(there)}`;
  };
  const told = new Set<string>();
  for (const { vcpu, cpus } of pins) {
    const text = missing(cpus);
    if (text === undefined || told.has(text)) continue;
    told.add(text);
    report(['cpu', 'pin', String(vcpu)], text);
  }
  const ofEmulator = emulatorCpus && missing(emulatorCpus);
  if (ofEmulator !== undefined) report(['cpu', 'emulator'], ofEmulator);
  for (const [index, { hostNode, memoryMib }] of cells.entries()) {
    if (hostNode === undefined) continue;
    const node = nodes.find(({ id }) => id === hostNode);
    if (node === undefined) {
      const ids = cpuSetText(nodes.map(({ id }) => id).toSorted((one, other) => one - other));
      report(['numa', index, 'host_node'], `this hypervisor has no node ${hostNode}: it has ${ids}`);
    } else if (node.memoryKib !== undefined && memoryMib * KIB_PER_MIB > node.memoryKib) {
      const [wanted, has] = [memoryMib * KIB_PER_MIB, node.memoryKib].map(memoryText);
      report(['numa', index, 'memory_gib'], `${wanted} is more than node ${hostNode} has (${has})`);
    }
  }
}

/** Of those that libvirt lists; under emulation QEMU takes those too that the host could not run. */
async function inspectModel(
  machine: Machine,
  kind: GuestKind,
  { questions: { source }, report, notChecked }: Inspection,
): Promise<void> {
  const model = machine.layout?.cpuModel;
  if (model === undefined) return;
  const { machineType } = settle(machine, kind);
  let models: ReadonlyMap<string, boolean | undefined>;
  try {
    models = readDomainCapabilities(await source.domainCapabilities({ ...kind, machineType })).cpuModels;
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    return notChecked({ check: 'cpu-model', why: 'libvirt does not tell its domain capabilities' });
  }
  if (models.size === 0) return;
  if (!models.has(model)) {
    const meant = didYouMean(model, [...models.keys()]);
    report(['cpu', 'model'], `this hypervisor knows no CPU model '${model}'${meant}`);
  } else if (models.get(model) === false && kind.virtType === 'kvm') {
    report(['cpu', 'model'], `the CPU of this hypervisor lacks features of ${model} (virsh domcapabilities)`);
  }
}
