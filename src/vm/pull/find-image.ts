import { PlowError } from '../../errors/plow-error.ts';
import { didYouMean } from '../../text/nearest.ts';
import { byNameAndAge } from './list-images.ts';
import type { StoredImage } from './store.ts';

/** `debian-12`, `debian-12@20260712`, `sha256:...`: what may name an image that was pulled. */
function isMeant({ record }: StoredImage, word: string): boolean {
  const { name, version, content, downloaded } = record;
  if (/^sha(?:256|512):/u.test(word)) return word === content || word === downloaded;
  return word === name || word === `${name}@${version}`;
}

/** The newest that is ready of those that a word names. @throws PlowError (validation) where there is none */
export function findImage(images: readonly StoredImage[], word: string): StoredImage {
  const ready = images.filter(({ record }) => record.status === 'ready');
  const [found] = ready
    .filter((image) => isMeant(image, word))
    .toSorted((one, other) => byNameAndAge(one.record, other.record));
  if (found !== undefined) return found;
  const names = [...new Set(ready.map(({ record }) => record.name))];
  const [name = word] = word.split('@');
  throw new PlowError('validation', `there is no image ${word} on the hypervisor${didYouMean(name, names)}`, {
    hint: `plow image pull brings one, and plow image list shows those there are; a file of this machine is written ./${name}`,
  });
}
