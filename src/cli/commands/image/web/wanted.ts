import { shownUrl } from '../../../../text/shown-url.ts';
import { assertProof, resolveImage } from '../../../../images/catalog/resolve.ts';
import { catalogOf, entryNamed } from '../../../../images/catalog/from-settings.ts';
import type { CatalogEntry, ResolvedImage } from '../../../../images/catalog/entry.ts';
import { parseDigest } from '../../../../images/digest.ts';
import type { Digest } from '../../../../images/digest.ts';
import { PlowError } from '../../../../errors/plow-error.ts';
import { quote } from '../../../../text/quote.ts';
import { verifyPassing, verifySigned } from '../../../../this-machine/verify-signature.ts';
import type { WantedImage } from '../../../../vm/pull/wanted.ts';
import type { Arch } from '../../../../config/machine.ts';
import { imageWordMistake } from '../../../../config/values/names.ts';
import type { KnownImages } from '../../../settings/images.ts';

export interface PullOptions {
  readonly name?: string;
  readonly checksum?: string;
  readonly imageVersion?: string;
  readonly insecure?: boolean;
}

const LONGEST_URL = 2000;

/** What `pull URL --name N --checksum ...` asks for. @throws PlowError (config) */
export function wantedByUrl(url: string, options: PullOptions): WantedImage {
  const { name, checksum, imageVersion, insecure = false } = options;
  const isAddress = URL.canParse(url) && /^https?:$/u.test(new URL(url).protocol);
  if (!isAddress || url.length > LONGEST_URL)
    throw new PlowError('config', `${quote(shownUrl(url))} is no address of an image`, {
      hint: `it begins with https:// (or http:// with --checksum), and has at most ${LONGEST_URL} characters`,
    });
  if (name === undefined)
    throw new PlowError('config', 'an image that is pulled by its URL needs a name', {
      hint: '--name debian-12 has VM files say image: debian-12',
    });
  assertName('--name', name);
  if (imageVersion !== undefined) assertName('--image-version', imageVersion);
  const digest = checksum === undefined ? undefined : digestIn(checksum);
  if (digest === undefined && !insecure)
    throw new PlowError('config', `nothing proves that ${shownUrl(url)} gives the right image`, {
      hint: "--checksum sha256:... does, as the publisher's page has it; --insecure takes what comes, and marks it for ever",
    });
  if (digest !== undefined && insecure)
    throw new PlowError('config', '--insecure does not go with --checksum');
  return {
    name,
    version: imageVersion,
    url,
    format: undefined,
    downloaded: digest,
    content: undefined,
    insecure,
    signedBy: null,
  };
}

/** What resolving a name takes. */
export interface Resolving extends KnownImages {
  readonly arch: Arch;
  readonly insecure: boolean;
  /** A small file of the web. @throws PlowError */
  readonly read: (url: string) => Promise<Uint8Array>;
}

/** The newest build of an image of the catalog, and what proves it. @throws PlowError */
export async function wantedByName(
  name: string,
  { images, keyringOf, arch, insecure, read }: Resolving,
): Promise<WantedImage> {
  const entry = entryNamed(name, catalogOf(images));
  const found = await resolveImage(entry, arch, {
    read,
    verify: (signed) => verifySigned({ ...signed, keyring: keyringOf(signed.keyring) }),
  });
  if (!insecure) assertProof(entry, found);
  const { version, url, format, downloaded, content, signer } = found;
  return {
    name,
    version,
    url,
    format,
    downloaded,
    content,
    insecure: insecure && downloaded === undefined && content === undefined,
    signedBy: signer ?? null,
    fileName: entry.fileName,
    needs: entry.needs,
    verification: verificationOf(entry, found, read, keyringOf),
  };
}

/** Of an image that is signed itself, and whose key was named. */
function verificationOf(
  { signedBy }: CatalogEntry,
  { signature }: ResolvedImage,
  read: Resolving['read'],
  keyringOf: KnownImages['keyringOf'],
): WantedImage['verification'] {
  if (signedBy === undefined || signature?.of !== 'image') return undefined;
  const { url } = signature;
  return async () => verifyPassing({ keyring: keyringOf(signedBy), signature: await read(url), url });
}

/** @throws PlowError (config) */
export function assertName(flag: string, text: string): void {
  const mistake = imageWordMistake(text);
  if (mistake !== undefined) throw new PlowError('config', `${flag} ${mistake}`);
}

/** @throws PlowError (config) */
export function digestIn(text: string): Digest {
  const parsed = parseDigest(text.trim());
  if ('digest' in parsed) return parsed.digest;
  throw new PlowError('config', `--checksum ${parsed.problem}`);
}
