import type { Arch, ImageNeeds } from '../../config/machine.ts';
import type { ImageSettings } from '../../config/settings/images.ts';
import { readDigest } from '../../config/values/digest.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { didYouMean } from '../../text/nearest.ts';
import { quote } from '../../text/quote.ts';
import { BUILT_IN } from './built-in.ts';
import type { CatalogEntry, ChecksumFileIndex, SignatureRule } from './entry.ts';
import { lastPart } from './template.ts';

/**
 * All that can be downloaded by name: what plow knows, and the images of the settings file, which win.
 * @throws PlowError (config) where one of these has no address, and is none of plow's own
 */
export function catalogOf(images: Readonly<Record<string, ImageSettings>> = {}): readonly CatalogEntry[] {
  const own = Object.entries(images).map(([name, image]) => asEntry(name, image));
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...BUILT_IN.filter(({ name }) => !names.has(name))].toSorted((one, other) =>
    one.name < other.name ? -1 : 1,
  );
}

/** @throws PlowError (config) where the catalog has none of that name */
export function entryNamed(name: string, catalog: readonly CatalogEntry[]): CatalogEntry {
  const found = catalog.find((one) => one.name === name);
  if (found !== undefined) return found;
  const known = catalog.map((one) => one.name);
  throw new PlowError('config', `there is no image ${quote(name)} in the catalog${didYouMean(name, known)}`, {
    hint: 'plow image catalog lists them; others are written below images: in the settings file',
  });
}

function asEntry(name: string, image: ImageSettings): CatalogEntry {
  const { download_url: url } = image;
  if (url === undefined) return withAdditions(name, image);
  const arch = archOf(image, url);
  return {
    name,
    description: image.description ?? lastPart(url),
    source: 'settings',
    arches: { [arch]: arch },
    format: image.format,
    index: indexOf(image, url),
    needs: { provisioning: 'cloud-init', ...needsOf(image) },
    fileName: image.filename,
    signedBy: image.signed_by,
  };
}

/** One of plow's own, with a key or the like. */
function withAdditions(name: string, image: ImageSettings): CatalogEntry {
  const own = BUILT_IN.find((one) => one.name === name);
  if (own === undefined) {
    const known = BUILT_IN.map((one) => one.name);
    const text = `images.${name} in the settings file has no download_url, and plow knows no image of that name`;
    throw new PlowError('config', `${text}${didYouMean(name, known)}`, {
      hint: 'give it a download_url, or the name of one that plow image catalog lists',
    });
  }
  return {
    ...own,
    description: image.description ?? own.description,
    source: 'settings',
    needs: { ...own.needs, ...needsOf(image) },
    fileName: image.filename,
    signedBy: image.signed_by,
  };
}

const ARCH_NAMES: Readonly<Record<NonNullable<ImageSettings['architecture']>, Arch>> = {
  x86_64: 'x86_64',
  amd64: 'x86_64',
  aarch64: 'aarch64',
  arm64: 'aarch64',
};

function archOf({ architecture }: ImageSettings, url: string): Arch {
  if (architecture !== undefined) return ARCH_NAMES[architecture];
  return /aarch64|arm64/u.test(url) ? 'aarch64' : 'x86_64';
}

/** Where signatures lie beside what they are of. */
const SUFFIXES = ['.asc', '.sig', '.gpg', '.sign'];

const OF_CHECKSUMS: SignatureRule = {
  kind: 'either',
  of: 'checksums',
  urls: SUFFIXES.map((suffix) => `{checksumUrl}${suffix}`),
};
const OF_IMAGE: SignatureRule = {
  kind: 'detached',
  of: 'image',
  urls: SUFFIXES.map((suffix) => `{url}${suffix}`),
};

function indexOf(image: ImageSettings, url: string): ChecksumFileIndex {
  const { checksum_url: checksumUrl, checksum_value: value, checksum_type: wanted } = image;
  const parts = value === undefined ? undefined : readDigest(value);
  const build = buildIn(lastPart(url));
  return {
    kind: 'checksum-file',
    url,
    ...(build === undefined ? {} : { build }),
    ...(checksumUrl === undefined ? {} : { checksumUrl }),
    ...(wanted === undefined ? {} : { wanted }),
    ...(parts === undefined || 'problem' in parts ? {} : { pinned: parts }),
    ...(image.signed_by === undefined
      ? {}
      : { signature: checksumUrl === undefined ? OF_IMAGE : OF_CHECKSUMS }),
  };
}

/** A date in a file's name, with what publishers write behind it, is the build. */
function buildIn(fileName: string): string | undefined {
  return /(?<![0-9])(?<build>20\d{6}(?:[.-]\d+)?)(?![0-9])/u.exec(fileName)?.groups?.['build'];
}

function needsOf({ firmware, cloud_init: seed, provisioning }: ImageSettings): Partial<ImageNeeds> {
  return {
    ...(firmware === undefined ? {} : { firmware }),
    ...(seed?.bus === undefined ? {} : { seedBus: seed.bus }),
    ...(provisioning?.format === undefined ? {} : { provisioning: provisioning.format }),
  };
}
