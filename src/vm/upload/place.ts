import { posix } from 'node:path';
import type { ImageFormat } from '../../config/machine.ts';
import type { Fingerprint } from './fingerprint.ts';

/** 128 bits: nobody makes another image of that name. */
const DIGEST_LENGTH = 32;
const LONGEST_STEM = 64;

/** `debian-12-5f2c….qcow2`, of `../images/debian-12.qcow2`. */
export function uploadName(path: string, format: ImageFormat, print: Fingerprint): string {
  const stem = posix
    .basename(path)
    .replace(/\.(?:qcow2|img|raw|iso)$/u, '')
    .replaceAll(/[^A-Za-z0-9._-]+/gu, '-')
    .replace(/^[^A-Za-z0-9]+/u, '')
    .slice(0, LONGEST_STEM);
  return `${stem === '' ? 'image' : stem}${endOf(print, format)}`;
}

/** Of two files with the same bytes the names end alike, and one of them will do. */
export function nameAmong(
  names: readonly string[],
  path: string,
  format: ImageFormat,
  print: Fingerprint,
): string | undefined {
  const own = uploadName(path, format, print);
  return names.includes(own) ? own : names.toSorted().find((name) => name.endsWith(endOf(print, format)));
}

function endOf({ digest }: Fingerprint, format: ImageFormat): string {
  return `-${digest.slice(0, DIGEST_LENGTH)}.${format}`;
}

/** Whether a file is called as one that was brought. */
export function isUploadName(name: string): boolean {
  return new RegExp(`-[0-9a-f]{${DIGEST_LENGTH}}\\.(?:qcow2|raw|iso)$`, 'u').test(name);
}
