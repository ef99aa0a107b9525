import { ARCHITECTURES } from '../../config/architectures.ts';
import type { CpuMode } from '../../config/machine.ts';
import { installing } from '../../text/installing.ts';

/** What decides whether a hypervisor can do something. Versions as libvirt counts them. */
export type Decider =
  /** `brokenFrom`: versions from that on, and before `since`, cannot; those before it could. */
  | { readonly by: 'libvirt'; readonly since: number; readonly brokenFrom?: number }
  /** The capabilities document: how guests can run, and what it lists of them. */
  | { readonly by: 'virt type'; readonly virtType: 'kvm' }
  | { readonly by: 'guest feature'; readonly element: string }
  /** The document of domain capabilities. */
  | { readonly by: 'firmware'; readonly firmware: 'efi' }
  | { readonly by: 'cpu mode'; readonly mode: CpuMode }
  | { readonly by: 'secure boot' }
  | { readonly by: 'tpm' }
  | { readonly by: 'vnc' }
  | { readonly by: 'virtiofs' }
  /** Whether libvirt has a driver that lists interfaces. */
  | { readonly by: 'interfaces' };

/** What plays a TPM, and makes its first state. */
export const SWTPM = { apt: 'swtpm-tools', dnf: 'swtpm-tools', zypper: 'swtpm' };

/** What serves directories to guests. */
export const VIRTIOFSD = { apt: 'virtiofsd', dnf: 'virtiofsd', zypper: 'virtiofsd' };

export interface Feature {
  /** As a person calls it: `UEFI firmware`. */
  readonly what: string;
  readonly decided: Decider;
  /** What plow does, or a person can do, where it is not there. */
  readonly otherwise: string;
}

/**
 * All that plow uses, or has words for, and that not every hypervisor can do. Programs read the names: they
 * stay as they are. Versions by libvirt's own list of releases, https://libvirt.org/news.html
 */
export const FEATURES = {
  kvm: {
    what: 'VMs on the processor itself (KVM)',
    decided: { by: 'virt type', virtType: 'kvm' },
    otherwise: 'VMs run under emulation, which is much slower',
  },
  uefi: {
    what: 'UEFI firmware',
    decided: { by: 'firmware', firmware: 'efi' },
    otherwise: `use firmware: bios, or there ${installing(ARCHITECTURES.x86_64.packages.uefi, undefined)}`,
  },
  'secure-boot-off': {
    what: 'UEFI firmware without Secure Boot',
    decided: { by: 'libvirt', since: 7_002_000 },
    otherwise: 'use firmware: bios',
  },
  'secure-boot': {
    what: 'UEFI firmware with Secure Boot for machine q35',
    decided: { by: 'secure boot' },
    otherwise: `leave out secure_boot, or there ${installing(ARCHITECTURES.x86_64.packages.uefi, undefined)}`,
  },
  tpm: {
    what: 'TPM 2.0 that swtpm plays',
    decided: { by: 'tpm' },
    otherwise: `leave out tpm, or there ${installing(SWTPM, undefined)}`,
  },
  virtiofs: {
    what: 'directories that guests mount (virtiofs)',
    decided: { by: 'virtiofs' },
    otherwise: 'leave out shares, and export the directory by NFS',
  },
  'virtiofs-read-only': {
    what: 'directories that guests mount and may only read',
    decided: { by: 'libvirt', since: 11_000_000 },
    otherwise: 'leave out read_only, or export the directory by NFS',
  },
  vnc: {
    what: 'screens over VNC',
    decided: { by: 'vnc' },
    otherwise: 'leave out vnc; plow console needs no screen',
  },
  'cpu-host-model': {
    what: 'CPU mode host-model',
    decided: { by: 'cpu mode', mode: 'host-model' },
    otherwise: 'use cpu_mode: maximum',
  },
  'cpu-host-passthrough': {
    what: 'CPU mode host-passthrough',
    decided: { by: 'cpu mode', mode: 'host-passthrough' },
    otherwise: 'use cpu_mode: host-model',
  },
  'cpu-maximum': {
    what: 'CPU mode maximum',
    decided: { by: 'cpu mode', mode: 'maximum' },
    otherwise: 'use cpu_mode: host-model',
  },
  'cpu-custom': {
    what: 'CPU models by their names',
    decided: { by: 'cpu mode', mode: 'custom' },
    otherwise: 'leave cpu.mode and cpu.model out',
  },
  'bridge-list': {
    what: 'a list of bridges',
    decided: { by: 'interfaces' },
    otherwise:
      'bridges are not checked before a start; libvirt-daemon-driver-interface has the driver that lists them',
  },
  'bridge-vlan': {
    what: 'VLAN tag of an interface on a Linux bridge',
    decided: { by: 'libvirt', since: 11_000_000 },
    otherwise:
      'leave out vlan, and name a bridge that is in the VLAN already, for instance one on a VLAN interface of the host (ip link add link eth0 name eth0.100 type vlan id 100)',
  },
  'grow-only': {
    what: 'a resize of a running disk that cannot shrink it',
    decided: { by: 'libvirt', since: 12_003_000 },
    otherwise: 'plow compares the sizes itself, just before',
  },
  'long-chains': {
    what: 'disks with more than about 25 layers',
    decided: { by: 'libvirt', since: 12_000_000, brokenFrom: 10_008_000 },
    otherwise: 'plow gives no disk more than 20, wherever it may run one day',
  },
  'external-revert': {
    what: "libvirt's own way back to snapshots in files, with memory",
    decided: { by: 'guest feature', element: 'externalSnapshot' },
    otherwise: 'plow goes back to snapshots of disks by itself, and to none with memory',
  },
  'internal-revert': {
    what: "libvirt's own way back to snapshots inside images",
    decided: { by: 'libvirt', since: 11_004_000, brokenFrom: 11_002_000 },
    otherwise: 'such snapshots can be gone back to with libvirt 11.4 or later',
  },
} as const satisfies Readonly<Record<string, Feature>>;

export type FeatureName = keyof typeof FEATURES;

export const FEATURE_NAMES: readonly FeatureName[] = Object.keys(FEATURES).filter(isFeatureName);

function isFeatureName(text: string): text is FeatureName {
  return Object.hasOwn(FEATURES, text);
}
