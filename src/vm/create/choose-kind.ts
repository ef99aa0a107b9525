import { ARCHITECTURES } from '../../config/architectures.ts';
import type { Machine } from '../../config/machine.ts';
import { mostVcpus } from '../../config/machine/layout.ts';
import { archMistakes, settle } from '../../config/settle.ts';
import type { GuestKind } from '../../config/settle.ts';
import type { GuestFacts, HostFacts } from '../../libvirt-xml/read/capabilities.ts';
import { installing } from '../../text/installing.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { Report } from '../host/inspection.ts';

/**
 * What a machine runs as here: of the architecture that its file names, else of the hypervisor's own, kvm
 * first. Complains of what that cannot be.
 */
export function chooseKind(machine: Machine, host: HostFacts, report: Report): GuestKind {
  const arch = machine.arch ?? host.arch;
  const guests = host.guests[arch];
  const virtType = machine.virtType ?? guests.virtTypes[0] ?? 'qemu';
  const kind = { arch, virtType };
  if (guests.virtTypes.length === 0 && machine.arch !== undefined) {
    const { emulated, qemu } = ARCHITECTURES[arch].packages;
    const repair = installing(arch === host.arch ? qemu : emulated, undefined);
    report(['arch'], `this hypervisor has no QEMU that runs ${arch} guests: ${repair}`);
    return kind;
  }
  if (!guests.virtTypes.includes(virtType)) {
    report(['virt_type'], `this hypervisor cannot run ${arch} guests as '${virtType}'`);
  }
  const { machineType, firmware, cpuMode, layout } = machine;
  const mistakes = archMistakes(arch, {
    machine: machineType,
    firmware,
    cpu_mode: cpuMode,
    vcpus_max: layout?.vcpusMax,
    dies: layout?.topology?.dies,
  });
  for (const { path, text } of mistakes) report(path, `${text}${whyOfArch(machine)}`);
  if (virtType === 'qemu' && cpuMode === 'host-passthrough') {
    const [usual] = ARCHITECTURES[arch].cpuModes.qemu;
    report(['cpu_mode'], `host-passthrough needs KVM, and this VM runs as 'qemu': use ${usual}`);
  }
  if (!mistakes.some(({ path: [key] }) => key === 'machine')) checkMachineType(machine, kind, guests, report);
  return kind;
}

function whyOfArch({ arch }: Machine): string {
  return arch === undefined ? " (a VM is of its hypervisor's architecture, unless the file says arch)" : '';
}

/** Of a libvirt that lists none, nothing can be told. */
function checkMachineType(machine: Machine, kind: GuestKind, { machines }: GuestFacts, report: Report): void {
  if (machines.size === 0) return;
  const { machineType } = settle(machine, kind);
  const vcpus = mostVcpus(machine);
  if (!machines.has(machineType)) {
    const meant = didYouMean(machineType, [...machines.keys()]);
    report(['machine'], `this hypervisor has no machine type '${machineType}'${meant}`);
  }
  const most = machines.get(machineType);
  if (most !== undefined && vcpus > most) {
    report(
      [machine.layout?.vcpusMax === undefined ? 'vcpus' : 'vcpus_max'],
      `a ${machineType} machine of this hypervisor has at most ${most}, got ${vcpus}`,
    );
  }
}

/** Why a machine is slower than its owner may think; undefined where it is not, or was asked to be. */
export function emulationNote(
  machine: Machine,
  { arch, virtType }: GuestKind,
  host: HostFacts,
): string | undefined {
  if (virtType !== 'qemu' || machine.virtType !== undefined) return undefined;
  const slow = 'runs under emulation, which is much slower';
  if (arch !== host.arch) return `this hypervisor is of ${host.arch}: the VM, which is of ${arch}, ${slow}`;
  return `this hypervisor offers no KVM: the VM ${slow}`;
}
