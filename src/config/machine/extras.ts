import type { Share } from './share.ts';

/** What few VMs have; of one that has none of it nothing is written. */
export interface Extras {
  /** Files of the hypervisor that the guest's firmware and kernel read by name. */
  readonly fwCfg: readonly FwCfgFile[];
  /** A TPM 2.0 of its own, which swtpm plays. */
  readonly hasTpm: boolean;
  /** Its firmware starts nothing that is not signed by whom the firmware's maker trusts. */
  readonly hasSecureBoot: boolean;
  /** Undefined: none but what a machine type has anyway. */
  readonly watchdog: Watchdog | undefined;
  /** Threads that serve its disks, each in turn; undefined: QEMU's main one does. */
  readonly ioThreads: number | undefined;
  /** Directories of the hypervisor that the guest mounts. */
  readonly shares: readonly Share[];
}

/** Of a VM that has none. */
export const NO_EXTRAS: Extras = {
  fwCfg: [],
  hasTpm: false,
  hasSecureBoot: false,
  watchdog: undefined,
  ioThreads: undefined,
  shares: [],
};

/** https://www.qemu.org/docs/master/specs/fw_cfg.html */
export interface FwCfgFile {
  /** `opt/org.example/config`. */
  readonly name: string;
  /** Absolute path on the hypervisor. */
  readonly file: string;
}

/** ib700 is for pc machines: it is no PCI device. */
export const WATCHDOG_MODELS = ['i6300esb', 'ib700'] as const;

/** All of libvirt's but dump, with which a guest could fill the hypervisor's disk. */
export const WATCHDOG_ACTIONS = ['reset', 'poweroff', 'shutdown', 'pause', 'inject-nmi', 'none'] as const;

export interface Watchdog {
  readonly model: (typeof WATCHDOG_MODELS)[number];
  /** What becomes of a VM whose guest does not answer it in time. */
  readonly action: (typeof WATCHDOG_ACTIONS)[number];
}

/** The most that a disk may do in a second, and how a VM file calls it. A total excludes its parts. */
export const IO_LIMITS = [
  { field: 'totalIops', key: 'total_iops', isTotal: true, counts: 'iops' },
  { field: 'readIops', key: 'read_iops', isTotal: false, counts: 'iops' },
  { field: 'writeIops', key: 'write_iops', isTotal: false, counts: 'iops' },
  { field: 'totalMibPerS', key: 'total_mib_per_s', isTotal: true, counts: 'mib_per_s' },
  { field: 'readMibPerS', key: 'read_mib_per_s', isTotal: false, counts: 'mib_per_s' },
  { field: 'writeMibPerS', key: 'write_mib_per_s', isTotal: false, counts: 'mib_per_s' },
] as const;

export type IoLimits = Readonly<Partial<Record<(typeof IO_LIMITS)[number]['field'], number>>>;

/** `read_iops 500, total_mib_per_s 100`; undefined where nothing is bounded. */
export function ioLimitsText(limits: IoLimits | undefined): string | undefined {
  if (limits === undefined) return undefined;
  const said = IO_LIMITS.flatMap(({ field, key }) => {
    const most = limits[field];
    return most === undefined ? [] : [`${key} ${most}`];
  });
  return said.join(', ');
}

/** The thread that serves a disk, from 1 on. @param index among the VM's disks */
export function ioThreadOf(index: number, threads: number | undefined): number | undefined {
  return threads === undefined ? undefined : (index % threads) + 1;
}
