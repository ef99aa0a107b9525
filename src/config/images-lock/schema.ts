import * as z from 'zod/mini';

import { ARCHES } from '../machine.ts';
import type { ConfigPath } from '../machine.ts';
import { described, ruled } from '../schema/words.ts';
import { readDigest } from '../values/digest.ts';
import { imageWordMistake } from '../values/names.ts';
import { addressMistake } from '../values/web-address.ts';
import { isMap, valueAt } from '../yaml/raw-value.ts';
import type { Mistake } from '../yaml/mistake.ts';
import { show } from '../../text/quote.ts';

/** One way to write each, so that a lock differs only where it says something else. */
function digestMistake(text: string): string | undefined {
  const parts = readDigest(text);
  if ('problem' in parts) return parts.problem;
  const written = `${parts.algorithm}:${parts.hex}`;
  return text === written ? undefined : `must be written ${written}`;
}

const build = z.strictObject({
  version: described("The publisher's word for the build.", ruled(imageWordMistake)),
  url: described('Where it was downloaded from.', ruled(addressMistake)),
  format: described('What the image is.', z.enum(['qcow2', 'raw', 'iso'])),
  content: described('Digest of the image itself, sha256:...', ruled(digestMistake)),
  downloaded: described(
    'Digest of the file as it is downloaded, where that is known.',
    z.optional(ruled(digestMistake)),
  ),
});

const builds = z.strictObject({
  x86_64: described('For this architecture.', z.optional(build)),
  aarch64: described('For this architecture.', z.optional(build)),
});

/** The file that says which build each name of an image means. */
export const lockFile = z.strictObject(
  {
    images: described(
      'Builds by the name of the image, as boot_disk.image and cdrom.image have it, and by architecture.',
      z.optional(z.record(z.string(), builds)),
    ),
  },
  {
    error: ({ code, input }) =>
      code === 'invalid_type' ? `expected a map with the key images, found ${show(input)}` : undefined,
  },
);

export type LockValues = z.infer<typeof lockFile>;

/** The keys that a map at this place of the file may have. */
export function lockKeys(path: ConfigPath): readonly string[] {
  if (path.length === 0) return Object.keys(lockFile.shape);
  return path.length === 2 ? ARCHES : BUILD_KEYS;
}

/** In the order in which they are written. */
export const BUILD_KEYS = ['version', 'url', 'format', 'content', 'downloaded'] as const;

/** Rules that span keys. What is no map or no text is the schema's to say. */
export function lockMistakes(file: unknown): readonly Mistake[] {
  const images = valueAt(file, 'images');
  if (!isMap(images)) return [];
  return Object.entries(images).flatMap(([name, all]): readonly Mistake[] => {
    const path = ['images', name];
    const text = imageWordMistake(name);
    if (text !== undefined) return [{ path, text, atKey: true }];
    if (!isMap(all)) return [];
    if (Object.keys(all).length === 0) return [{ path, text: `has no build: ${ARCHES.join(' or ')}` }];
    return Object.entries(all).flatMap(([arch, one]) => addressMistakes([...path, arch, 'url'], one));
  });
}

/** Whoever is on the line may send what they like: the digest of what they send tells. */
function addressMistakes(path: ConfigPath, one: unknown): readonly Mistake[] {
  const url = valueAt(one, 'url');
  if (typeof url !== 'string' || !url.startsWith('http://')) return [];
  if (valueAt(one, 'downloaded') !== undefined) return [];
  const text = 'over http:// anybody on the way can change it: give it as https://, or downloaded';
  return [{ path, text }];
}
