import type { ImagesLock } from '../../../../config/images-lock/check.ts';
import type { Arch } from '../../../../config/machine.ts';
import { PlowError } from '../../../../errors/plow-error.ts';
import { parseDigest } from '../../../../images/digest.ts';
import type { Digest } from '../../../../images/digest.ts';
import type { WantedImage } from '../../../../vm/pull/wanted.ts';

/**
 * What `plow image pull NAME@VERSION` asks for: what a lock says of it, whatever the publisher's newest is.
 * @throws PlowError (config) where the lock does not have it
 */
export function wantedByLock(word: string, { file, images }: ImagesLock, arch: Arch): WantedImage {
  const [name = word, version = ''] = word.split('@');
  const build = images.get(name)?.[arch];
  if (build === undefined || build.version !== version) {
    const has = build === undefined ? `no ${name} for ${arch}` : `${name}@${build.version} for ${arch}`;
    throw new PlowError('config', `where ${word} comes from is not known: ${file} has ${has}`, {
      hint: `plow image pull ${name} brings the newest of its publisher, and a URL with --checksum any`,
    });
  }
  return {
    name,
    version,
    url: build.url,
    format: build.format,
    downloaded: build.downloaded === undefined ? undefined : digestIn(build.downloaded),
    content: digestIn(build.content),
    insecure: false,
    signedBy: null,
  };
}

function digestIn(text: string): Digest {
  const found = parseDigest(text);
  if ('problem' in found) throw new Error('the lock was checked');
  return found.digest;
}
