import { didYouMean } from '../../text/nearest.ts';
import { quote } from '../../text/quote.ts';

/**
 * What plow doctor may complain of, each with a sentence for its page. Settings and programs hold the codes:
 * they stay as they are.
 */
export const DOCTOR_CODES = {
  'libvirt-too-old': 'libvirt is older than plow needs.',
  'qemu-missing': 'libvirt finds no QEMU for the guests that plow makes.',
  'kvm-missing': 'libvirt offers no KVM: VMs run under emulation.',
  'uefi-missing': 'libvirt finds no UEFI firmware.',
  'secure-boot-missing': 'A VM with Secure Boot has no firmware for it.',
  'tpm-missing': 'A VM with a TPM has no swtpm to play it.',
  'virtiofsd-missing': 'A VM that shares directories has no virtiofsd to serve them.',
  'hugepages-unusable': 'A VM has huge pages, and libvirt cannot use any.',
  'storage-path-missing': 'The storage path is no directory of the hypervisor.',
  'storage-path-closed': 'Whoever runs plow may not use the storage path, of a session.',
  'storage-path-not-made': 'The storage path of a session is missing, and could not be made.',
  'storage-path-impassable': "QEMU's user may not pass through to the storage path.",
  'storage-path-open': 'Others can change the storage path, or what is above it.',
  'vm-directories-open': 'Other users can enter directories of VMs, as older versions of plow made them.',
  'direct-io-missing': 'The file system of the storage path does no direct I/O, or cannot be written to.',
  'space-overcommitted': 'Disks may grow by more than is free.',
  'apparmor-denies-path': 'AppArmor gives no VM a disk below the storage path.',
  'selinux-denies-nfs': 'SELinux may keep QEMU from the storage path, which is on NFS.',
  'selinux-label': 'The storage path has a label with which SELinux may keep QEMU from it.',
  'bridge-missing': 'The hypervisor has no bridge.',
  'bridge-down': 'A bridge is down, or no port of it has a link.',
  'bridge-not-allowed': "QEMU's bridge helper gives a session no bridge, or may not.",
  'mac-address-shared': 'VMs have the same MAC address.',
  'shutdown-hard': 'VMs are powered off hard when the host shuts down.',
  'clock-not-synchronised': 'The clock of the host is not synchronised.',
  'console-log-unbounded': 'Nothing bounds the logs of consoles.',
  'forwarding-off': 'The kernel does not forward, and routed VMs are reached by nobody.',
  'hook-missing': "libvirt has no hook of plow's, and routed VMs that start get no route.",
  'hook-closed': "plow's hook is not executable, and libvirt passes over it.",
  'hook-changed': "plow's hook is not the one of this version of plow.",
  'route-missing': 'Nothing routes an address to the tap of its VM.',
  'guard-missing': 'Rules of nftables that keep guests to their own addresses are not loaded.',
  'tap-open': 'A guest may send from addresses that are not its own, or route IPv6 of the host.',
  'tap-stray': 'A tap with an address belongs to no VM that runs.',
  'address-outside-prefixes': 'A routed VM has an address outside the prefixes of /etc/plow/network.yaml.',
  'network-file-wrong': '/etc/plow/network.yaml has mistakes.',
  'bird-down': 'BIRD does not run, and announces nothing.',
  'bgp-session-down': 'A neighbour hears of no address, as its BGP session is not up.',
  'not-announced': 'An address of a VM that runs is not announced.',
  'announced-wrongly': 'An address is announced that no VM has, or outside the prefixes.',
  drained: 'The addresses of a host are withdrawn (plow network drain).',
  'daemon-down': 'A daemon of libvirt that a check asks does not run.',
  'check-failed': 'A check could not be made, for a reason that plow does not know.',
} as const satisfies Readonly<Record<string, string>>;

export type DoctorCode = keyof typeof DOCTOR_CODES;

export const DOCTOR_CODE_NAMES: readonly DoctorCode[] = Object.keys(DOCTOR_CODES).filter(isDoctorCode);

export function isDoctorCode(text: string): text is DoctorCode {
  return Object.hasOwn(DOCTOR_CODES, text);
}

/** Why a text is no code, or undefined if it is one. */
export function doctorCodeMistake(text: string): string | undefined {
  if (isDoctorCode(text)) return undefined;
  const meant = didYouMean(text, DOCTOR_CODE_NAMES);
  return `plow doctor has no such code${meant === '' ? ' (docs/doctor.md has all of them)' : meant}`;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/u;

/** Why a text is no day, or undefined if it is one. */
export function dayMistake(text: string): string | undefined {
  const at = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  const isDay = !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
  return isDay ? undefined : `must be a day such as 2027-01-31, got ${quote(text)}`;
}
