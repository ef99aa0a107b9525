import type { NewHasher } from '../image-store/bytes.ts';
import type { ImageFormat, ImageNeeds } from '../../config/machine.ts';
import { digestText } from '../../images/digest.ts';
import type { Digest } from '../../images/digest.ts';
import type { ImageRecord } from '../image-store/record.ts';

/** What is to be pulled, and what proves that it is the right one. */
export interface WantedImage {
  readonly name: string;
  /** The publisher's build; undefined: the first digits of a digest, or the time. */
  readonly version: string | undefined;
  readonly url: string;
  /** Undefined: what it is. */
  readonly format: ImageFormat | undefined;
  /** Of what is downloaded, and of what comes out of it. One of them, unless it is insecure. */
  readonly downloaded: Digest | undefined;
  readonly content: Digest | undefined;
  readonly insecure: boolean;
  /** Who has signed its digest; null: nobody whose key was asked for. */
  readonly signedBy: string | null;
  /** What a VM of it needs; undefined: nobody says. */
  readonly needs?: ImageNeeds | undefined;
  /** What its file is called; undefined: by name, version and format. */
  readonly fileName?: string | undefined;
  /** The record of the one that this is a copy of: it goes along. */
  readonly original?: ImageRecord | undefined;
  /** Begins to verify a signature of the image itself, as it is downloaded. @throws PlowError */
  readonly verification?: (() => Promise<Verification>) | undefined;
}

/** A signature that is verified while what it is of passes by. */
export interface Verification {
  /** Resolves when there is room for more. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** @returns who has signed @throws PlowError (validation) */
  readonly end: () => Promise<string>;
  /** Always to be called. */
  readonly dispose: () => Promise<void>;
}

/** What comes from the web. */
export interface Download {
  /** Undefined where the server does not tell. */
  readonly bytes: number | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** For who does not want the rest, or any of it. */
  readonly close: () => void;
}

/** What a pull does its work with, all of which is not libvirt's. */
export interface PullTools {
  /** @throws PlowError */
  readonly open: (url: string, signal: AbortSignal) => Promise<Download>;
  /**
   * Unpacks what is compressed, by its first bytes.
   * @param name for messages
   * @param tell is told before anything comes out whether it is compressed at all
   * @throws PlowError
   */
  readonly unpacked: (
    chunks: AsyncIterable<Uint8Array>,
    name: string,
    mostBytes: number,
    tell: (isPacked: boolean) => void,
  ) => AsyncIterable<Uint8Array>;
  readonly newHasher: NewHasher;
}

/** Characters of a digest that stand for a version. */
const VERSION_DIGITS = 12;

/** @param now for one that nothing tells apart from another */
export function versionOf({ version, downloaded, content }: WantedImage, now: Date): string {
  const digits = (content ?? downloaded)?.hex.slice(0, VERSION_DIGITS);
  return version ?? digits ?? now.toISOString().replaceAll(/\D/gu, '').slice(0, 14);
}

/** @param version as `versionOf` tells it @returns whether it is there, ready and proven as it is wanted */
export function isSameImage(record: ImageRecord, wanted: WantedImage, version: string): boolean {
  if (record.status !== 'ready' || record.name !== wanted.name) return false;
  // Who wants it signed does not take one that nobody has verified.
  if (wanted.verification !== undefined && record.signedBy === null) return false;
  if (wanted.content !== undefined) return record.content === digestText(wanted.content);
  if (wanted.downloaded === undefined || record.version !== version) return false;
  return record.downloaded === digestText(wanted.downloaded);
}
