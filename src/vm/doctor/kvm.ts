import type { Arch } from '../../config/machine.ts';
import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import type { LocalFacts } from '../../hypervisor/local.ts';
import { FEATURES } from '../features/table.ts';
import type { HostProblem } from '../host-problem.ts';
import type { Examination, Finding } from './finding.ts';
import { ok, warning } from './finding.ts';
import { restart } from './restart.ts';

interface Whose {
  readonly arch: Arch;
  readonly isSession: boolean;
  /** The command that has libvirt look again. */
  readonly restart: string;
}

/** Who may open the device. */
const JOIN_KVM = 'sudo usermod -aG kvm $USER, log in again';
const SLOW = FEATURES.kvm.otherwise;

const ARM_KERNEL_SAYS = 'dmesg | grep -i kvm tells why';

/** A warning only: plow works without. */
export async function checkKvm({ context, host }: Examination): Promise<Finding> {
  const { arch, virtTypes } = readCapabilities(await host.capabilities());
  if (virtTypes.includes('kvm')) return ok('KVM is there');
  const { hypervisor } = context;
  const { local, isSession } = hypervisor;
  const whose = { arch, isSession, restart: await restart(hypervisor) };
  return warning('kvm-missing', local === undefined ? noKvm(whose) : await whyNoKvm(local, whose));
}

function noKvm({ arch, restart: look }: Whose): HostProblem {
  const text = `libvirt offers no KVM; ${SLOW}`;
  if (arch === 'aarch64') return { text, repair: `${ARM_KERNEL_SAYS}; then ${look}` };
  return { text, repair: `modprobe kvm_intel or modprobe kvm_amd, then ${look}` };
}

async function whyNoKvm(local: LocalFacts, whose: Whose): Promise<HostProblem> {
  if (await local.exists('/dev/kvm')) {
    return {
      text: `libvirt offers no KVM, though /dev/kvm is there (it looked before, or may not open it); ${SLOW}`,
      repair: whose.isSession ? `${JOIN_KVM}, and ${whose.restart}` : whose.restart,
    };
  }
  // It is no module there, and the processor's flags do not tell.
  if (whose.arch === 'aarch64') {
    return {
      text: `no /dev/kvm: the kernel was not started in hypervisor mode (EL2), as in most VMs, or has no KVM; ${SLOW}`,
      repair: ARM_KERNEL_SAYS,
    };
  }
  const processor = await local.read('/proc/cpuinfo');
  return processor === undefined ? noKvm(whose) : withoutDevice(processor, whose);
}

/** Flags of the processor: https://docs.kernel.org/arch/x86/cpuinfo.html; `hypervisor` is set in a VM. */
function withoutDevice(processor: string, whose: Whose): HostProblem {
  const flags = new Set(/^flags\s*:(?<flags>.*)$/mu.exec(processor)?.groups?.['flags']?.trim().split(/\s+/u));
  const module = /^vendor_id\s*:\s*AuthenticAMD$/mu.test(processor) ? 'kvm_amd' : 'kvm_intel';
  if (flags.has('vmx') || flags.has('svm')) {
    return {
      text: `no /dev/kvm, and the processor has virtualization (off in the firmware, if the command is refused); ${SLOW}`,
      repair: `modprobe ${flags.has('svm') ? 'kvm_amd' : 'kvm_intel'} && ${whose.restart}`,
    };
  }
  if (flags.has('hypervisor')) {
    return {
      text: `no /dev/kvm: this machine is itself a VM, which gets no virtualization from its host; ${SLOW}`,
      repair: `on its host: modprobe -r ${module} && modprobe ${module} nested=1, and CPU mode host-passthrough for this VM`,
    };
  }
  return {
    text: `no /dev/kvm: virtualization is off in the firmware, or the processor has none; ${SLOW}`,
    repair: 'switch VT-x (Intel) or SVM (AMD) on in the firmware setup',
  };
}
