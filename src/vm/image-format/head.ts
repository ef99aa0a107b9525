import type { DiskFormat } from '../../config/machine.ts';
import { whyUnfitQcow2 } from './qcow2-judge.ts';

/** What plow reads of an image before anyone else opens it. */
export const HEAD_BYTES = 64 * 1024;

/** What an image is, or why nothing can be built on it, in words that follow its path. */
export type Judged = { readonly format: DiskFormat } | { readonly problem: string };

const UNPACK = 'unpack it first';
const CONVERT = 'qemu-img convert -O qcow2';

/** Where the first bytes of other things have what, in latin1. */
const OTHERS: readonly (readonly [name: string, at: number, magic: string, help: string])[] = [
  ['vmdk', 0, 'KDMV', CONVERT],
  ['vmdk', 0, 'COWD', CONVERT],
  ['vmdk', 0, '# Disk DescriptorFile', CONVERT],
  ['vdi', 64, '\x7f\x10\xda\xbe', CONVERT],
  ['vhdx', 0, 'vhdxfile', CONVERT],
  ['vpc', 0, 'conectix', CONVERT],
  ['qed', 0, 'QED\0', CONVERT],
  ['parallels', 0, 'WithoutFreeSpace', CONVERT],
  ['parallels', 0, 'WithouFreSpacExt', CONVERT],
  ['luks', 0, 'LUKS\xba\xbe', 'plow knows no keys'],
  ['iso', 32_769, 'CD001', 'it is a medium and no disk'],
  ['gzip', 0, '\x1f\x8b', UNPACK],
  ['xz', 0, '\xfd7zXZ\0', UNPACK],
  ['zstd', 0, '\x28\xb5\x2f\xfd', UNPACK],
  ['bzip2', 0, 'BZh', UNPACK],
  ['zip', 0, 'PK\x03\x04', UNPACK],
  ['tar', 257, 'ustar', UNPACK],
];
const QCOW2 = 'QFI\xfb';
/** An HTML page that came instead of an image. */
const PAGE = /^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)/iu;
const PAGE_BYTES = 256;

/**
 * What an image is by its first bytes, which nobody but plow has opened so far.
 * @param head the first 64 KiB
 */
export function judgeHead(head: Uint8Array): Judged {
  if (textAt(head, 0, QCOW2.length) === QCOW2) {
    const problem = whyUnfitQcow2(head);
    return problem === undefined ? { format: 'qcow2' } : { problem };
  }
  const other = OTHERS.find(([, at, magic]) => textAt(head, at, magic.length) === magic);
  if (other !== undefined) return { problem: notAnImage(other[0], other[3]) };
  if (PAGE.test(textAt(head, 0, PAGE_BYTES)))
    return { problem: 'is a web page, not a disk image: the download went wrong' };
  if (bootable(head)) return { format: 'raw' };
  return {
    problem:
      'is not a disk image: it has no qcow2 header, and no boot sector or partition table (55 AA at byte 510)',
  };
}

/** @param name as libvirt calls the format */
function notAnImage(name: string, help = CONVERT): string {
  return `is ${name}, and a base image must be qcow2 or raw: ${help}`;
}

/** Neither a BIOS nor UEFI starts anything from a disk without one of these. */
function bootable(head: Uint8Array): boolean {
  return textAt(head, 510, 2) === '\x55\xaa' || textAt(head, 512, 8) === 'EFI PART';
}

function textAt(head: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...head.subarray(at, at + length));
}

/**
 * What an image is, where libvirt, its name, the VM's file and its own first bytes agree on it: libvirtd
 * copies it as what libvirt takes it for, and guests write what they like into a raw disk.
 * @param seen as libvirt takes it, undefined where only the head is known
 * @param head undefined where it could not be read
 */
export function judgeImage(
  path: string,
  asked: DiskFormat | undefined,
  seen: string,
  head: Uint8Array | undefined,
): Judged {
  if (!isDiskFormat(seen)) return { problem: notAnImage(seen) };
  const judged: Judged = head === undefined ? { format: seen } : judgeHead(head);
  if ('problem' in judged) return judged;
  const { format } = judged;
  const problem =
    (asked === undefined ? whyMisnamed(path, format) : whyOther(asked, format)) ??
    (seen === format ? undefined : `begins as a ${format} image, and libvirt takes it for ${seen}`);
  return problem === undefined ? judged : { problem };
}

function isDiskFormat(name: string): name is DiskFormat {
  return name === 'qcow2' || name === 'raw';
}

function whyMisnamed(path: string, format: DiskFormat): string | undefined {
  if (format === 'raw' && path.endsWith('.qcow2')) return 'is not a disk image: it has no qcow2 header';
  if (format === 'raw' || !path.endsWith('.raw')) return undefined;
  return 'is called .raw and has a qcow2 header: write image_format: qcow2 if that is meant';
}

function whyOther(asked: DiskFormat, format: DiskFormat): string | undefined {
  if (asked === format) return undefined;
  return `has ${format === 'qcow2' ? 'a' : 'no'} qcow2 header, and image_format says ${asked}`;
}
