import { ARCHITECTURES, machineFamily } from './architectures.ts';
import type {
  Arch,
  Cdrom,
  ConfigPath,
  CpuMode,
  ImageNeeds,
  IsSaid,
  Machine,
  Provisioning,
  VirtType,
} from './machine.ts';

/** A machine on a hypervisor: what its file left to that is filled in. */
export interface SettledMachine extends Machine {
  readonly arch: Arch;
  readonly machineType: string;
  readonly cpuMode: CpuMode;
}

/** What a VM runs as. */
export interface GuestKind {
  readonly arch: Arch;
  readonly virtType: VirtType;
}

/** Fills in what an architecture has by default. */
export function settle(machine: Machine, { arch, virtType }: GuestKind): SettledMachine {
  const { machineType, cpuModes } = ARCHITECTURES[arch];
  const { cdrom } = machine;
  return {
    ...machine,
    ...(cdrom === undefined ? {} : { cdrom: settleCdrom(cdrom, arch) }),
    arch,
    machineType: machine.machineType ?? machineType,
    cpuMode: machine.cpuMode ?? cpuModes[virtType][0],
  };
}

/** With the bus that installers of an architecture see, unless it has one. */
function settleCdrom(cdrom: Cdrom, arch: Arch): Cdrom {
  return { ...cdrom, bus: cdrom.bus ?? ARCHITECTURES[arch].cdromBus };
}

/** With what its base image needs, where its file says nothing of it. */
export function settleImage(machine: Machine, isSaid: IsSaid): Machine {
  const { bootDisk, provisioning } = machine;
  const { firmware } = bootDisk.known?.needs ?? {};
  const withFirmware = firmware === undefined || isSaid(['firmware']) ? machine : { ...machine, firmware };
  return provisioning === undefined
    ? withFirmware
    : { ...withFirmware, provisioning: settleGuest(provisioning, bootDisk.known?.needs, isSaid) };
}

/** The older section says its format by its name, and what only cloud-init has says it too. */
function settleGuest(guest: Provisioning, needs: ImageNeeds | undefined, isSaid: IsSaid): Provisioning {
  const { section } = guest;
  const words = section === 'cloud_init' ? ['cloud_init'] : ['provisioning', 'cloud_init'];
  const isOpen = section === 'provisioning' && !isSaid(['provisioning', 'format']) && !isSaid(words);
  const format = isOpen ? (needs?.provisioning ?? guest.format) : guest.format;
  const bus = isSaid([...words, 'bus']) ? guest.bus : (needs?.seedBus ?? guest.bus);
  return { ...guest, format, bus };
}

/** As its metadata declares it: the architecture only where it was asked for. */
export function asDeclared(machine: Machine, kind: GuestKind): Machine {
  return { ...settle(machine, kind), arch: machine.arch };
}

/** Undefined where the file does not say it. What is no text, or no number, is passed over. */
type ArchValues = Readonly<Record<'machine' | 'firmware' | 'cpu_mode' | 'vcpus_max' | 'dies', unknown>>;

/** What a VM of an architecture cannot have, by key of the VM file. */
export function archMistakes(
  arch: Arch,
  { machine, firmware, cpu_mode: mode, vcpus_max: most, dies }: ArchValues,
): readonly { readonly path: ConfigPath; readonly text: string }[] {
  const { firmwares, cpuModes, hasDies, plugsCpus } = ARCHITECTURES[arch];
  const { kvm, qemu } = cpuModes;
  const found = typeof machine === 'string' ? machineFamily(machine) : undefined;
  return [
    ...(found !== undefined && found.arch !== arch
      ? [{ path: ['machine'], text: `${String(machine)} is of ${found.arch}, and this VM is of ${arch}` }]
      : []),
    ...(firmware === 'bios' && !firmwares.includes('bios')
      ? [{ path: ['firmware'], text: `a VM of ${arch} has UEFI only` }]
      : []),
    ...(mode === 'host-model' && !kvm.includes('host-model')
      ? [
          {
            path: ['cpu_mode'],
            text: `a VM of ${arch} cannot have host-model: use ${kvm[0]} with KVM, ${qemu[0]} without`,
          },
        ]
      : []),
    ...(most !== undefined && !plugsCpus
      ? [{ path: ['vcpus_max'], text: `a VM of ${arch} gets no virtual CPUs while it runs: leave it out` }]
      : []),
    ...(typeof dies === 'number' && dies > 1 && !hasDies
      ? [{ path: ['cpu', 'dies'], text: `a VM of ${arch} has no dies: write 1, or leave it out` }]
      : []),
  ];
}
