import { posix } from 'node:path';
import * as z from 'zod/mini';

import { quote } from '../../text/quote.ts';
import { ARCHES } from '../machine.ts';
import { described, ruled } from '../schema/words.ts';
import { DIGEST_ALGORITHMS, readDigest } from '../values/digest.ts';
import { localPathMistake } from '../values/names.ts';
import { addressMistake } from '../values/web-address.ts';

const IMAGE_FILE = /\.(?:qcow2|img|raw|iso)(?:\.(?:xz|gz|zst))?$/iu;

function downloadMistake(text: string): string | undefined {
  const mistake = addressMistake(text);
  if (mistake !== undefined) return mistake;
  const path = text.replace(/[?#].*$/u, '');
  if (IMAGE_FILE.test(path)) return undefined;
  const known = 'plow takes .qcow2, .img, .raw and .iso, packed as .xz, .gz or .zst too';
  if (/\.bz2$/iu.test(path)) return `ends in .bz2, which plow does not unpack: bunzip2 it first (${known})`;
  return `must end in what it is, got ${quote(path.slice(path.lastIndexOf('/') + 1))}: ${known}`;
}

function checksumMistake(text: string): string | undefined {
  const parts = readDigest(text);
  return 'problem' in parts ? parts.problem : undefined;
}

function fileNameMistake(text: string): string | undefined {
  return /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$/u.test(text)
    ? undefined
    : `must be a file's name of letters, digits, dots, hyphens and underscores, got ${quote(text)}`;
}

/** One of the images of the user's own. */
export const imageEntry = z.strictObject({
  download_url: described(
    "Where the image is. Left out: the name is one of plow's own, which the other keys are added to.",
    z.optional(ruled(downloadMistake)),
  ),
  checksum_url: described('Checksum file that has a line of it.', z.optional(ruled(addressMistake))),
  checksum_value: described('Its digest, in place of a checksum file.', z.optional(ruled(checksumMistake))),
  checksum_type: described(
    'Hash of the digest; left out, its length tells it.',
    z.optional(z.enum(DIGEST_ALGORITHMS)),
  ),
  signed_by: described(
    'File of keys on this machine: one of them must have signed the checksum file, else the image.',
    z.optional(ruled(localPathMistake)),
  ),
  filename: described('Name of the file on the hypervisor.', z.optional(ruled(fileNameMistake))),
  format: described('What must come out.', z.optional(z.enum(['qcow2', 'raw', 'iso']))),
  description: described('What it is, for the catalog.', z.optional(z.string())),
  architecture: described(
    'Of the guest; left out, the address tells it, else x86_64.',
    z.optional(z.enum([...ARCHES, 'amd64', 'arm64'])),
  ),
  firmware: described('firmware of a VM of it.', z.optional(z.enum(['uefi', 'bios']))),
  cloud_init: described(
    'Of a VM of it.',
    z.optional(
      z.strictObject({
        bus: described('Bus of the seed.', z.optional(z.enum(['scsi', 'virtio', 'sata']))),
      }),
    ),
  ),
  provisioning: described(
    'Of a VM of it.',
    z.optional(
      z.strictObject({
        format: described('What it reads.', z.optional(z.enum(['cloud-init', 'ignition']))),
      }),
    ),
  ),
});

/** An image of the user's own, as it is written. */
export type ImageSettings = z.infer<typeof imageEntry>;

/** The keys that a map below an image may have. @param key undefined: the image itself */
export function imageKeys(key: string | number | undefined): readonly string[] {
  if (key === 'cloud_init') return ['bus'];
  return key === 'provisioning' ? ['format'] : Object.keys(imageEntry.shape);
}

/**
 * Path of the file of keys that an image names: from the directory of the settings file on, or below the home
 * of the user.
 */
export function keyringPath(signedBy: string, settingsFile: string, home: string): string {
  return signedBy.startsWith('~/')
    ? posix.join(home, signedBy.slice(2))
    : posix.resolve(posix.dirname(settingsFile), signedBy);
}
