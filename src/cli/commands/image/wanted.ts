import { PlowError } from '../../../errors/plow-error.ts';
import { quote } from '../../../text/quote.ts';
import { shownUrl } from '../../../vm/pull/wanted.ts';
import type { Digest, WantedImage } from '../../../vm/pull/wanted.ts';

export interface PullOptions {
  readonly name?: string;
  readonly checksum?: string;
  readonly imageVersion?: string;
  readonly insecure?: boolean;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/u;
const DIGEST = /^(?<algorithm>sha256|sha512):(?<hex>[0-9a-fA-F]+)$/u;
const HEX_DIGITS = { sha256: 64, sha512: 128 } as const;

/** What `pull URL --name N --checksum ...` asks for. @throws PlowError (config) */
export function wantedByUrl(url: string, options: PullOptions): WantedImage {
  const { name, checksum, imageVersion, insecure = false } = options;
  if (!/^https?:\/\//u.test(url) || !URL.canParse(url))
    throw new PlowError('config', `${quote(url)} is no address of an image`, {
      hint: 'it begins with https:// (or http:// with --checksum)',
    });
  if (name === undefined)
    throw new PlowError('config', 'an image that is pulled by its URL needs a name', {
      hint: '--name debian-12 has VM files say image: debian-12',
    });
  assertName('--name', name);
  if (imageVersion !== undefined) assertName('--image-version', imageVersion);
  const digest = checksum === undefined ? undefined : readDigest(checksum);
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

function assertName(flag: string, text: string): void {
  if (NAME.test(text) && !/\.(?:qcow2|raw|img)$/u.test(text)) return;
  throw new PlowError('config', `${flag} cannot be ${quote(text)}`, {
    hint: 'it takes lower-case letters, digits, dots, hyphens and underscores, at most 64, and no ending of a file',
  });
}

/** @throws PlowError (config) */
function readDigest(text: string): Digest {
  const { algorithm, hex = '' } = DIGEST.exec(text.trim())?.groups ?? {};
  if ((algorithm === 'sha256' || algorithm === 'sha512') && hex.length === HEX_DIGITS[algorithm])
    return { algorithm, hex: hex.toLowerCase() };
  throw new PlowError('config', `--checksum cannot be ${quote(text)}`, {
    hint: 'it is sha256: and 64 hexadecimal digits, or sha512: and 128; md5 and sha1 prove nothing',
  });
}
