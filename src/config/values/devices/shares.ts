import { posix } from 'node:path';
import { quote } from '../../../text/quote.ts';

/** Of virtio-fs: what the device has room for. */
const LONGEST_TAG = 36;

/** The system's own. Who writes there as root has the hypervisor; libvirt's has the disks of all VMs. */
const SYSTEM = [
  '/bin',
  '/boot',
  '/dev',
  '/efi',
  '/etc',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/sys',
  '/usr',
  '/var/cache',
  '/var/lib/dpkg',
  '/var/lib/libvirt',
  '/var/lib/rpm',
  '/var/lib/systemd',
  '/var/log',
  '/var/run',
  '/var/spool',
] as const;

/** They may be shared in part, and not as a whole. */
const HOLDS_OTHERS = ['/home'] as const;

/** Whether one directory is the other, or lies below it. */
export function isWithin(directory: string, path: string): boolean {
  return path === directory || directory === '/' || path.startsWith(`${directory}/`);
}

/** Whether what is in one directory can be reached through the other. */
export function doOverlap(one: string, other: string): boolean {
  return isWithin(one, other) || isWithin(other, one);
}

/** Why a directory is shared with no guest, whatever the settings say; undefined if it may be. */
function whyNeverShared(path: string): string | undefined {
  const system = SYSTEM.find((one) => doOverlap(one, path));
  if (system === undefined)
    return HOLDS_OTHERS.some((one) => one === path) ? `holds the directories of all users` : undefined;
  return isWithin(system, path)
    ? `is the system's own (${system})`
    : `holds directories of the system (${system})`;
}

/** Why a text cannot be a directory that is shared, or one that may be, or undefined if it can. */
export function shareDirectoryMistake(text: string): string | undefined {
  if (!text.startsWith('/'))
    return `must be an absolute path on the hypervisor, starting with /, got ${quote(text)}`;
  if (/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(text)) return `must not hold control characters, got ${quote(text)}`;
  const plain = posix.resolve(text);
  if (plain !== text)
    return `must be written without //, . and .. and a / at its end, as ${quote(plain)}, got ${quote(text)}`;
  // virtiofsd of QEMU 7 takes what follows it for another option.
  if (text.includes(',')) return `must not have a comma in it, got ${quote(text)}`;
  // PATH_MAX of Linux, with its closing NUL.
  if (Buffer.byteLength(text) >= 4096) return 'must be shorter than 4096 bytes';
  const never = whyNeverShared(text);
  return never === undefined ? undefined : `${quote(text)} ${never}, which no guest may have`;
}

/** Why a text cannot be what a guest mounts a directory by, or undefined if it can. */
export function shareTagMistake(text: string): string | undefined {
  if (text.length > LONGEST_TAG) return `must have at most ${LONGEST_TAG} characters, got ${text.length}`;
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/u.test(text)
    ? undefined
    : `must begin with a letter or a digit and have only those, ., - and _, got ${quote(text)}`;
}
