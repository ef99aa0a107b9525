import { readDigest } from '../config/values/digest.ts';
import type { DigestAlgorithm } from '../config/values/digest.ts';

/** What proves that a file is the one that was published. */
export interface Digest {
  readonly algorithm: DigestAlgorithm;
  /** Lower case. */
  readonly hex: string;
}

export type FoundDigest = { readonly digest: Digest } | { readonly problem: string };

/** Reads `sha256:9f86...`, `sha512:...`, or the digits alone, whose number tells the hash. */
export function parseDigest(text: string): FoundDigest {
  const parts = readDigest(text);
  return 'problem' in parts ? parts : { digest: parts };
}

/** `sha256:9f86...`, as parseDigest reads it. */
export function digestText({ algorithm, hex }: Digest): string {
  return `${algorithm}:${hex}`;
}
