import type { Digest } from '../digest.ts';
import type { ImageSignature } from './entry.ts';

/** What an index says of the newest build of an image. */
export interface Found {
  readonly version: string | undefined;
  readonly url: string;
  readonly downloaded: Digest | undefined;
  readonly content?: Digest | undefined;
  readonly bytes?: number | undefined;
  readonly signature?: ImageSignature | undefined;
}

/** Or why it says nothing, after the name of the image. */
export type Answer = Found | { readonly problem: string };

/** A JSON document, or undefined if it is none. */
export function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
