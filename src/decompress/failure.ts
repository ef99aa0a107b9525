import { PlowError } from '../errors/plow-error.ts';
import { bytesText } from '../text/quantities.ts';
import type { Compression } from './kinds.ts';

const DAMAGED =
  'compare its digest with the published one; if that agrees it is damaged where it is published, else take it again';

/** The file is not what it says to be. @param outcome what has come out of it until then, in bytes */
export function corrupt(name: string, kind: Compression, outcome: number, detail: string): PlowError {
  return new PlowError(
    'storage',
    `cannot unpack ${name}: what it holds is no valid ${kind} data behind the ${bytesText(outcome)} that came out`,
    { hint: DAMAGED, detail },
  );
}

/** The file is not whole. */
export function truncated(name: string, kind: Compression, outcome: number): PlowError {
  return new PlowError(
    'storage',
    `cannot unpack ${name}: it ends in the middle of its ${kind} data, after ${bytesText(outcome)} came out`,
    { hint: DAMAGED },
  );
}

/** It wants a decoder that is larger than any that publishers use. */
export function tooMuchMemory(name: string, kind: Compression, mostBytes: number): PlowError {
  return new PlowError(
    'storage',
    `cannot unpack ${name}: its ${kind} data need more than the ${bytesText(mostBytes)} of memory that plow gives it`,
    { hint: `unpack it yourself, with the program ${kind}, and use what comes out` },
  );
}

/** More comes out of it than whoever asked has room for. */
export function tooLarge(name: string, mostBytes: number): PlowError {
  return new PlowError('storage', `cannot unpack ${name}: more than ${bytesText(mostBytes)} come out of it`, {
    hint: 'no image that you know to be that large: do not trust the file; else allow as much, and see to room for it',
  });
}

/** What plow has no decoder for. */
export function noBzip2(name: string): PlowError {
  return new PlowError('storage', `cannot unpack ${name}: plow does not read bzip2`, {
    hint: 'bunzip2 it first, or take the file that is published as .xz, .gz, .zst or as it is',
  });
}
