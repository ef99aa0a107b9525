import { shownUrl } from '../../text/shown-url.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { isClearSigned } from '../clear-signed.ts';
import type { CatalogEntry, ImageSignature, SignatureRule } from './entry.ts';
import { fill } from './template.ts';
import type { Values } from './template.ts';

/** A text that somebody signed, to be verified. */
export interface SignedText {
  /** File of the key, as the user wrote it. */
  readonly keyring: string;
  /** All of it, with its signature where it is signed in the clear. */
  readonly text: Uint8Array;
  /** Undefined: signed in the clear. */
  readonly signature: Uint8Array | undefined;
  /** For messages. */
  readonly url: string;
}

export interface VerifiedText {
  /** What was signed, and nothing else. */
  readonly text: string;
  /** Fingerprint of the key. */
  readonly signer: string;
}

/** What resolveImage asks of the world. */
export interface Sources {
  /** A small file of the web. @throws PlowError where it cannot be had */
  readonly read: (url: string) => Promise<Uint8Array>;
  /** @throws PlowError unless it is signed by that key */
  readonly verify: (signed: SignedText) => Promise<VerifiedText>;
}

/** Digests, and what their signature is worth. */
export interface Checksums {
  readonly text: string;
  readonly signature: ImageSignature | undefined;
  /** Undefined: not verified. */
  readonly signer: string | undefined;
}

/**
 * Reads a file of digests. Where the entry names a key, only what that signed is given back; a signature of
 * the image itself is for later, when the image is there.
 * @throws PlowError
 */
export async function readChecksums(
  { name, signedBy }: CatalogEntry,
  rule: SignatureRule | undefined,
  values: Values & { readonly checksumUrl: string },
  { read, verify }: Sources,
): Promise<Checksums> {
  const { checksumUrl } = values;
  const urls = rule?.urls.map((url) => fill(url, values)) ?? [];
  const known = rule && signatureOf(rule, urls);
  if (signedBy === undefined || rule?.of === 'image') {
    return { text: decoded(await read(checksumUrl)), signature: known, signer: undefined };
  }
  if (rule === undefined) throw unsigned(name);
  if (rule.kind === 'clear') {
    const [url = checksumUrl] = urls;
    const verified = await verify({ keyring: signedBy, text: await read(url), signature: undefined, url });
    return { ...verified, signature: known };
  }
  const text = await read(checksumUrl);
  if (rule.kind === 'either' && isClearSigned(decoded(text))) {
    const verified = await verify({ keyring: signedBy, text, signature: undefined, url: checksumUrl });
    return { ...verified, signature: { kind: 'clear', of: 'checksums', url: checksumUrl } };
  }
  const { url, bytes } = await firstOf(urls, read, name);
  const verified = await verify({ keyring: signedBy, text, signature: bytes, url });
  return { ...verified, signature: { kind: 'detached', of: 'checksums', url } };
}

/** How a publisher signs, as far as it is known without a look. */
export function signatureOf(rule: SignatureRule, urls: readonly string[]): ImageSignature | undefined {
  const [url] = urls;
  if (url === undefined || rule.kind === 'either') return undefined;
  return { kind: rule.kind, of: rule.of, url };
}

/** Somebody asked for a signature where there is none. */
export function unsigned(name: string): PlowError {
  return new PlowError('config', `image ${name}: signed_by names a key, and its publisher signs nothing`, {
    hint: `leave out signed_by: its digest comes over https from the publisher`,
  });
}

/** The first of some signatures that can be had. @throws PlowError where there is none */
export async function firstOf(
  urls: readonly string[],
  read: Sources['read'],
  name: string,
): Promise<{ readonly url: string; readonly bytes: Uint8Array }> {
  let failure: unknown;
  for (const url of urls) {
    try {
      return { url, bytes: await read(url) };
    } catch (error) {
      if (!(error instanceof PlowError)) throw error;
      failure ??= error;
    }
  }
  throw new PlowError(
    'config',
    `image ${name}: signed_by names a key, and no signature is at ${urls.map(shownUrl).join(', ')}`,
    {
      hint: 'leave out signed_by, or give the checksum_url of a file that is signed',
      cause: failure,
    },
  );
}

/** Bytes that are no UTF-8 come out as what they are not, and match no name. */
export function decoded(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
