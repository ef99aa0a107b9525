import type { Packages } from '../text/installing.ts';
import { ARCHES } from './machine.ts';
import type { Arch, CdromBus, CpuMode, Firmware, VirtType } from './machine.ts';

/**
 * What differs between VMs of one architecture and another. All that plow knows of an architecture stands in
 * this file.
 */
export interface Architecture {
  /** Of a VM whose file says none. */
  readonly machineType: string;
  /** What stands for the newest of its kind, and how libvirt's names for those begin. */
  readonly machineTypes: Readonly<Record<string, string>>;
  readonly firmwares: readonly Firmware[];
  /** That of a VM whose file says none first. libvirt takes any other one, and refuses to start the VM. */
  readonly cpuModes: Readonly<Record<VirtType, readonly [CpuMode, ...CpuMode[]]>>;
  /** Elements of <features>. */
  readonly features: readonly string[];
  /** The first serial port, and the model of it that libvirt fills in. */
  readonly serial: { readonly type: string; readonly model: string };
  /** Of a drive whose file says none. */
  readonly cdromBus: CdromBus;
  /** Whether libvirt adds a memory balloon by itself. */
  readonly hasBalloon: boolean;
  /** Whether sockets can have several dies. QEMU refuses them at the start. */
  readonly hasDies: boolean;
  /** Whether virtual CPUs can be plugged in while a VM runs. QEMU 7.2, and newer as far as is known. */
  readonly plugsCpus: boolean;
  /** Of a hypervisor of that architecture; `emulated`: both, of one of another. */
  readonly packages: Readonly<Record<'qemu' | 'uefi' | 'emulated', Packages>>;
}

export const ARCHITECTURES: Readonly<Record<Arch, Architecture>> = {
  x86_64: {
    machineType: 'q35',
    machineTypes: { q35: 'pc-q35-', pc: 'pc-i440fx-' },
    firmwares: ['uefi', 'bios'],
    cpuModes: {
      kvm: ['host-model', 'host-passthrough', 'maximum', 'custom'],
      qemu: ['host-model', 'maximum', 'custom'],
    },
    features: ['acpi', 'apic'],
    serial: { type: 'isa-serial', model: 'isa-serial' },
    cdromBus: 'sata',
    hasBalloon: true,
    hasDies: true,
    plugsCpus: true,
    packages: {
      qemu: { apt: 'qemu-system-x86', dnf: 'qemu-kvm', zypper: 'qemu-x86' },
      uefi: { apt: 'ovmf', dnf: 'edk2-ovmf', zypper: 'qemu-ovmf-x86_64' },
      emulated: {
        apt: 'qemu-system-x86 ovmf',
        dnf: 'qemu-system-x86 edk2-ovmf',
        zypper: 'qemu-x86 qemu-ovmf-x86_64',
      },
    },
  },
  // ACPI needs UEFI there. libvirt adds the interrupt controller (gic) that fits the host.
  aarch64: {
    machineType: 'virt',
    machineTypes: { virt: 'virt-' },
    firmwares: ['uefi'],
    cpuModes: {
      kvm: ['host-passthrough', 'maximum', 'custom'],
      qemu: ['maximum', 'custom'],
    },
    features: ['acpi'],
    serial: { type: 'system-serial', model: 'pl011' },
    cdromBus: 'scsi',
    hasBalloon: false,
    hasDies: false,
    plugsCpus: false,
    packages: {
      qemu: { apt: 'qemu-system-arm', dnf: 'qemu-kvm', zypper: 'qemu-arm' },
      uefi: { apt: 'qemu-efi-aarch64', dnf: 'edk2-aarch64', zypper: 'qemu-uefi-aarch64' },
      emulated: {
        apt: 'qemu-system-arm qemu-efi-aarch64',
        dnf: 'qemu-system-aarch64 edk2-aarch64',
        zypper: 'qemu-arm qemu-uefi-aarch64',
      },
    },
  },
};

/** One that plow has words for, by libvirt's name. */
export function archCalled(name: string | undefined): Arch | undefined {
  return ARCHES.find((one) => one === name);
}

/** `q35` of `pc-q35-7.2` and of itself; undefined for what is of no architecture. */
export function machineFamily(
  machineType: string,
): { readonly arch: Arch; readonly family: string } | undefined {
  for (const arch of ARCHES) {
    const all = Object.entries(ARCHITECTURES[arch].machineTypes);
    const found = all.find(([family, prefix]) => machineType === family || machineType.startsWith(prefix));
    if (found !== undefined) return { arch, family: found[0] };
  }
  return undefined;
}
