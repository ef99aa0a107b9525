import { posix } from 'node:path';
import { quote } from '../../text/quote.ts';

const LONGEST_LABEL = 63;
const NAME = /^[a-z0-9](?:[a-z0-9_-]|\.(?!\.))*[a-z0-9]$/i;
const HOST_LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i;

/**
 * Why a text cannot name a VM, or undefined if it can. The bound is that of a host name label (RFC 1123 2.1).
 */
export function nameMistake(text: string): string | undefined {
  if (text.length < 2) {
    return `must have at least two characters, got ${quote(text)}`;
  }
  if (text.length > LONGEST_LABEL) {
    return `must have at most ${LONGEST_LABEL} characters (it becomes a host name), got ${text.length}`;
  }
  return NAME.test(text)
    ? undefined
    : `must start and end with a letter or digit and hold only a-z, 0-9, -, _ and single dots, got ${quote(text)}`;
}

/** Why a text is not a fully qualified domain name (RFC 1123 2.1), or undefined if it is. */
export function fqdnMistake(text: string): string | undefined {
  if (text.length > 253) {
    return `must have at most 253 characters, got ${text.length}`;
  }
  if (text.endsWith('.')) {
    return `must not end with a dot, got ${quote(text)}`;
  }
  const labels = text.split('.');
  if (labels.length < 2) {
    return `must be a host name with its domain, such as ${suggestedFqdn(text)}, got ${quote(text)}`;
  }
  const wrong = labels.find((label) => label.length > LONGEST_LABEL || !HOST_LABEL.test(label));
  if (wrong !== undefined) {
    return `each part must have 1 to 63 of a-z, 0-9 and -, and not start or end with -, got ${quote(wrong)}`;
  }
  return /^[0-9]+$/.test(labels.at(-1) ?? '')
    ? `must be a name, and its last part must not be a number, got ${quote(text)}`
    : undefined;
}

function suggestedFqdn(text: string): string {
  return HOST_LABEL.test(text) && text.length <= LONGEST_LABEL
    ? `${text.toLowerCase()}.example.com`
    : 'my-vm.example.com';
}

/**
 * Why a text cannot name a bridge: Linux' own rule (net/core/dev.c, dev_valid_name) less everything unusual.
 */
export function bridgeMistake(text: string): string | undefined {
  if (text.length > 15) {
    return `must have at most 15 characters, as Linux interface names do, got ${quote(text)}`;
  }
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text)
    ? undefined
    : `must be the name of a bridge, such as br0, of letters, digits, ., - and _, got ${quote(text)}`;
}

/** Devices, and what the kernel or daemons show as files. */
const NO_DISKS = /^\/(?:dev|proc|sys|run)(?:\/|$)/u;

/** Whether the path of an image is one of this machine, and not of the hypervisor. */
export function isLocalImage(path: string): boolean {
  return /^(?:\.{1,2}|~)\//u.test(path);
}

/** Why a text cannot be the name of an image, or a version of one, or undefined if it can. */
export function imageWordMistake(text: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/u.test(text))
    return `takes a-z, digits, dots, hyphens and underscores, at most 63, got ${quote(text)}`;
  return /\.(?:qcow2|raw|img|iso)$/u.test(text)
    ? `must not end as a file does, got ${quote(text)}`
    : undefined;
}

const IMAGE_DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/u;

/** Whether a text is a digest of an image, as records have it. */
export function isImageDigest(text: string): boolean {
  return IMAGE_DIGEST.test(text);
}

/**
 * Whether a base image is named as one that was pulled, and not by its path: `debian-12`,
 * `debian-12@20260712`, or by its digest; `a.qcow2` is a file.
 */
export function isImageName(text: string): boolean {
  const [name = '', version, ...more] = text.split('@');
  return (
    isImageDigest(text) ||
    (more.length === 0 && [name, version ?? name].every((word) => imageWordMistake(word) === undefined))
  );
}

/**
 * Why a text cannot be the path of an image, there or here, or the name of one, or undefined if it can.
 * @param name that one could have
 */
export function imageMistake(text: string, name = 'debian-12'): string | undefined {
  if (isLocalImage(text)) return localPathMistake(text);
  if (text.startsWith('/')) return imagePathMistake(text);
  if (isImageName(text)) return undefined;
  return `must be an absolute path on the hypervisor, starting with /, the name of an image that was pulled, such as ${name}, or a file of this machine, starting with ./, ../ or ~/, got ${quote(text)}`;
}

/** Why a text cannot be the path of a base image on the hypervisor, or undefined if it can. */
export function imagePathMistake(text: string): string | undefined {
  if (!text.startsWith('/')) {
    return `must be an absolute path on the hypervisor, starting with /, got ${quote(text)}`;
  }
  if (/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(text)) {
    return `must not hold control characters, got ${quote(text)}`;
  }
  if (text.endsWith('/')) {
    return `must name a file, not a directory, got ${quote(text)}`;
  }
  const plain = posix.normalize(text);
  if (NO_DISKS.test(plain)) return `must be a file on a disk, not in ${plain.split('/', 2).join('/')}`;
  if (plain !== text) return `must be written without //, . and .., as ${quote(plain)}, got ${quote(text)}`;
  // PATH_MAX of Linux, with its closing NUL.
  return Buffer.byteLength(text) < 4096 ? undefined : 'must be shorter than 4096 bytes';
}

/** Why a text cannot be a directory of base images on the hypervisor, or undefined if it can. */
export function imageDirectoryMistake(text: string): string | undefined {
  if (!text.startsWith('/')) {
    return `must be an absolute path on the hypervisor, starting with /, got ${quote(text)}`;
  }
  if (/\p{C}/u.test(text)) return `must not hold control characters, got ${quote(text)}`;
  const plain = posix.resolve(text);
  if (plain === '/' || NO_DISKS.test(plain)) return `is no place for images, got ${quote(text)}`;
  if (plain === text) return undefined;
  return `must be written without //, . and .. and a / at its end, as ${quote(plain)}, got ${quote(text)}`;
}

/** Why a text is not the target device of a data disk, or undefined if it is. */
export function deviceMistake(text: string): string | undefined {
  if (text === 'vda') {
    return 'vda is the boot disk; data disks are vdb to vdz';
  }
  return /^vd[b-z]$/.test(text) ? undefined : `must be vdb to vdz, got ${quote(text)}`;
}

/** Why a text cannot be the path of a file on this machine, or undefined if it can. */
export function localPathMistake(text: string): string | undefined {
  if (text === '') return 'must be the path of a file, got ""';
  if (/\p{C}/u.test(text)) return `must not hold control characters, got ${quote(text)}`;
  return text.endsWith('/') ? `must name a file, not a directory, got ${quote(text)}` : undefined;
}

/** Why a text is not a machine type that plow's VMs can be, or undefined if it is. */
export function machineTypeMistake(text: string): string | undefined {
  return /^(?:q35|pc|virt|(?:pc-q35|pc-i440fx|virt)-[0-9a-z.-]{1,40})$/u.test(text)
    ? undefined
    : `must be q35, pc or virt, or one of them with a version such as pc-q35-7.2, got ${quote(text)}`;
}

/** Why a text cannot be a tag, or undefined if it can. */
export function tagMistake(text: string): string | undefined {
  if (text.length > LONGEST_LABEL) return `must have at most ${LONGEST_LABEL} characters, got ${text.length}`;
  return /^[a-z0-9](?:[a-z0-9_.:/-]*[a-z0-9])?$/iu.test(text)
    ? undefined
    : `must start and end with a letter or digit and hold only those, -, _, ., : and /, got ${quote(text)}`;
}

const LONGEST_DESCRIPTION = 4096;

/** Why a text cannot be a VM's description, or undefined if it can. */
export function descriptionMistake(text: string): string | undefined {
  if (text.length > LONGEST_DESCRIPTION) {
    return `must have at most ${LONGEST_DESCRIPTION} characters, got ${text.length}`;
  }
  return /(?![\t\n])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(text)
    ? `must not hold control characters, got ${quote(text)}`
    : undefined;
}
