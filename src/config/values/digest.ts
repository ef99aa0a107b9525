import { quote } from '../../text/quote.ts';

/** The hashes that prove what a file is. */
export const DIGEST_ALGORITHMS = ['sha256', 'sha512'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

/** Digits of a digest in hexadecimal. */
const LENGTHS: ReadonlyMap<number, DigestAlgorithm> = new Map([
  [64, 'sha256'],
  [128, 'sha512'],
]);

/** Hashes that prove nothing any more: files can be made to have the digest of another. */
const BROKEN: ReadonlyMap<number, string> = new Map([
  [32, 'md5'],
  [40, 'sha1'],
]);

/** `sha256:` or nothing, and hexadecimal digits. */
const DIGEST = /^(?:(?<name>[a-z0-9-]+):)?(?<hex>[0-9a-f]+)$/iu;

/** What a text says a digest is. */
export type DigestParts =
  | { readonly algorithm: DigestAlgorithm; readonly hex: string }
  | { readonly problem: string };

/** Whether a hash by its name, in capitals or with a hyphen too, is one that proves nothing. */
export function isBrokenHash(name: string): boolean {
  return ['md5', 'sha1'].includes(name.toLowerCase().replace('-', ''));
}

/** Reads `sha256:9f86...`, `sha512:...` or the digits alone, whose number tells the hash. */
export function readDigest(text: string): DigestParts {
  const { name, hex } = DIGEST.exec(text.trim())?.groups ?? {};
  if (hex === undefined) {
    return {
      problem: `must be a digest such as sha256:9f86d0..., in hexadecimal digits, got ${quote(text)}`,
    };
  }
  const broken = BROKEN.get(hex.length);
  if ((name !== undefined && isBrokenHash(name)) || (name === undefined && broken !== undefined)) {
    return {
      problem: `${name ?? broken} proves nothing, as files can be made to have it: take sha256 or sha512`,
    };
  }
  const algorithm = LENGTHS.get(hex.length);
  if (algorithm === undefined) {
    return { problem: `must have 64 digits (sha256) or 128 (sha512), got ${hex.length}` };
  }
  if (name !== undefined && name.toLowerCase() !== algorithm) {
    return { problem: `says ${quote(name)} and has ${hex.length} digits, which is ${algorithm}` };
  }
  return { algorithm, hex: hex.toLowerCase() };
}
