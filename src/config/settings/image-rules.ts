import { quote } from '../../text/quote.ts';
import { readDigest } from '../values/digest.ts';
import { imageWordMistake } from '../values/names.ts';
import { isMap, valueAt } from '../yaml/raw-value.ts';
import type { Mistake } from '../yaml/mistake.ts';

/** Rules of `images:` that span keys. What is no map or no text is the schema's to say. */
export function imagesMistakes(images: unknown): readonly Mistake[] {
  if (!isMap(images)) return [];
  return Object.entries(images).flatMap(([name, image]) => {
    const text = imageWordMistake(name);
    const ofName: readonly Mistake[] =
      text === undefined ? [] : [{ path: ['images', name], text, atKey: true }];
    return [...ofName, ...(isMap(image) ? imageMistakes(name, image) : [])];
  });
}

type Values = Readonly<Record<string, unknown>>;

function imageMistakes(name: string, image: Values): readonly Mistake[] {
  const at = (key: string, text: string | undefined): readonly Mistake[] =>
    text === undefined ? [] : [{ path: ['images', name, key], text }];
  return [
    ...withoutAddress(name, image),
    ...at('download_url', plainWithoutProof(image, 'download_url')),
    ...at('checksum_url', plainWithoutProof(image, 'checksum_url')),
    ...at('checksum_value', besideUrl(image)),
    ...at('checksum_type', otherType(image)),
    ...at('format', otherFormat(image)),
  ];
}

/** What says how to download something, and there is nothing to download. */
const OF_A_DOWNLOAD = ['checksum_url', 'checksum_value', 'checksum_type', 'format', 'architecture'];

function withoutAddress(name: string, image: Values): readonly Mistake[] {
  if (image['download_url'] !== undefined) return [];
  const key = OF_A_DOWNLOAD.find((one) => image[one] !== undefined);
  if (key === undefined) return [];
  return [
    { path: ['images', name, key], text: 'says how to download an image, and there is no download_url' },
  ];
}

/** Whoever is on the line may send what they like: a digest from elsewhere or a signature tells. */
function plainWithoutProof(image: Values, key: 'download_url' | 'checksum_url'): string | undefined {
  const url = image[key];
  if (typeof url !== 'string' || !url.startsWith('http://')) return undefined;
  if (image['signed_by'] !== undefined) return undefined;
  if (key === 'download_url' && image['checksum_value'] !== undefined) return undefined;
  return key === 'checksum_url'
    ? 'over http:// anybody on the way can change it: give it as https://, or signed_by'
    : 'over http:// anybody on the way can change it: give it as https://, or checksum_value or signed_by';
}

function besideUrl(image: Values): string | undefined {
  return image['checksum_value'] !== undefined && image['checksum_url'] !== undefined
    ? 'beside checksum_url: one of them is enough'
    : undefined;
}

function otherType(image: Values): string | undefined {
  const [value, type] = [image['checksum_value'], image['checksum_type']];
  const parts = typeof value === 'string' ? readDigest(value) : undefined;
  if (parts === undefined || 'problem' in parts || typeof type !== 'string') return undefined;
  return parts.algorithm === type ? undefined : `checksum_value is a ${parts.algorithm}, got ${quote(type)}`;
}

function otherFormat(image: Values): string | undefined {
  const url = valueAt(image, 'download_url');
  const suffix =
    typeof url === 'string' ? /\.(?<format>qcow2|raw|iso)(?:\.\w+)?(?:[?#]|$)/iu.exec(url) : undefined;
  const ofUrl = suffix?.groups?.['format']?.toLowerCase();
  const format = image['format'];
  return ofUrl === undefined || typeof format !== 'string' || format === ofUrl
    ? undefined
    : `the name of what is downloaded says ${ofUrl}, got ${quote(format)}`;
}
