import { compareBuilds } from '../../images/catalog/versions.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { didYouMean } from '../../text/nearest.ts';
import { isGoing } from './going.ts';
import type { ImageRecord } from './record.ts';
import type { StoredImage } from './store.ts';

/** `debian-12`, `debian-12@20260712`, `sha256:...`: what may name an image that was pulled. */
function isMeant({ record }: StoredImage, word: string): boolean {
  const { name, version, content, downloaded } = record;
  if (/^sha(?:256|512):/u.test(word)) return word === content || word === downloaded;
  return word === name || word === `${name}@${version}`;
}

type Build = Pick<ImageRecord, 'name' | 'version' | 'at'>;

/** By name, the newest build of each first; of those that nobody numbers, the one that was pulled last. */
export function byNameAndAge(one: Build, other: Build): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1;
  const difference = compareBuilds(other.version, one.version);
  if (difference !== 0) return difference;
  return one.at > other.at ? -1 : 1;
}

/** The newest that is ready of those that a word names. @throws PlowError (validation) where there is none */
export function findImage(images: readonly StoredImage[], word: string): StoredImage {
  const found = newestOf(images, word);
  if (found !== undefined) return found;
  const going = images.find((image) => image.record.status === 'removing' && isMeant(image, word));
  throw going === undefined ? unknown(images.filter(isReady), word) : isGoing(word, going.record);
}

/**
 * As findImage; undefined where there is none. One that has failed its throw-away boot is the newest only
 * where no other is meant.
 */
export function newestOf(images: readonly StoredImage[], word: string): StoredImage | undefined {
  const meant = images
    .filter((image) => isReady(image) && isMeant(image, word))
    .toSorted((one, other) => byNameAndAge(one.record, other.record));
  return meant.find(({ record }) => !hasFailed(record)) ?? meant[0];
}

/** Whether its throw-away boot has failed. */
export function hasFailed({ gate }: ImageRecord): boolean {
  return gate?.result === 'failed';
}

function isReady({ record }: StoredImage): boolean {
  return record.status === 'ready';
}

/**
 * The one that is to be removed, which may be what a plow that was killed has left. @throws PlowError
 * (validation) where there is none, or several
 */
export function findToRemove(images: readonly StoredImage[], word: string): StoredImage {
  const meant = images.filter((image) => isMeant(image, word));
  const [found, other] = meant;
  if (found === undefined) throw unknown(images, word);
  if (other === undefined) return found;
  const versions = meant.map(({ record: { name, version }, file }) => `${name}@${version} (${file})`);
  throw new PlowError('validation', `${word} names several images: ${versions.join(', ')}`, {
    hint: 'give the version too; of one version the digest, sha256:...',
  });
}

function unknown(images: readonly StoredImage[], word: string): PlowError {
  const names = [...new Set(images.map(({ record }) => record.name))];
  const [name = word] = word.split('@');
  return new PlowError(
    'validation',
    `there is no image ${word} on the hypervisor${didYouMean(name, names)}`,
    {
      hint: `plow image pull brings one, and plow image list shows those there are; a file of this machine is written ./${name}`,
    },
  );
}
