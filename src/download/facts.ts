import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { printable } from '../text/printable.ts';
import { failed } from './failure.ts';

/** What an answer says of the file. */
export interface FileFacts {
  /** Of the whole file; undefined where the server does not know. */
  readonly bytes: number | undefined;
  /** For If-Range: what proves that it is the same file, byte for byte. */
  readonly validator: string | undefined;
}

/** A file of a second is changed within it; clocks differ. RFC 9110, 8.8.2.2 */
const OLD_ENOUGH_MS = 60_000;

/** Of an answer with the whole file. @throws PlowError where its body is not the file's bytes */
export function factsOf(url: URL, { headers }: IncomingMessage): FileFacts {
  checkCoding(url, headers);
  return { bytes: lengthOf(headers), validator: validatorOf(headers) };
}

/** @throws PlowError where the body is not the file's bytes */
export function checkCoding(url: URL, headers: IncomingHttpHeaders): void {
  const coding = headers['content-encoding'] ?? 'identity';
  const transfer = headers['transfer-encoding'] ?? 'chunked';
  const odd = [coding, transfer].find((one) => !/^(?:identity|chunked)?$/iu.test(one.trim()));
  if (odd === undefined) return;
  throw failed(
    url,
    `the server packs it on the way (${printable(odd.slice(0, 40))}), though it was asked not to`,
    'so nobody knows which bytes are those of the file: take another mirror',
  );
}

export function lengthOf(headers: IncomingHttpHeaders): number | undefined {
  const bytes = Number(headers['content-length'] ?? Number.NaN);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined;
}

/** A strong one only: where there is a weak ETag, a date does not count either (RFC 9110, 13.1.5). */
export function validatorOf(headers: IncomingHttpHeaders): string | undefined {
  if (headers.etag !== undefined) return /^"[^"]*"$/u.test(headers.etag) ? headers.etag : undefined;
  const modified = headers['last-modified'];
  const age = Date.parse(headers.date ?? '') - Date.parse(modified ?? '');
  return age >= OLD_ENOUGH_MS ? modified : undefined;
}

export interface Range {
  readonly first: number;
  readonly last: number;
  /** Undefined for `*`. */
  readonly total: number | undefined;
}

/** `bytes 5-9/10`; undefined for what is none. */
export function rangeOf(headers: IncomingHttpHeaders): Range | undefined {
  const groups = /^bytes (?<first>\d+)-(?<last>\d+)\/(?<total>\d+|\*)$/u.exec(
    headers['content-range'] ?? '',
  )?.groups;
  if (groups === undefined) return undefined;
  const { first, last, total } = groups;
  return { first: Number(first), last: Number(last), total: total === '*' ? undefined : Number(total) };
}
