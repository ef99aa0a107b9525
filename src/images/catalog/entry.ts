import type { DigestAlgorithm } from '../../config/values/digest.ts';
import type { Arch, ImageFormat, ImageNeeds } from '../../config/machine.ts';
import type { Digest } from '../digest.ts';

/** An image that can be downloaded: where and how, never its digest, unless somebody pinned one. */
export interface CatalogEntry {
  readonly name: string;
  readonly description: string;
  /** Who says so: plow itself, or the settings file of the user. */
  readonly source: 'plow' | 'settings';
  /** The architectures it is published for, and what its publisher calls them: `{arch}` in addresses. */
  readonly arches: Readonly<Partial<Record<Arch, string>>>;
  /** What must come out, unpacked; undefined: what its head says. */
  readonly format: ImageFormat | undefined;
  readonly index: ImageIndex;
  readonly needs: ImageNeeds;
  /** What its file is called on the hypervisor; undefined: by name and version. */
  readonly fileName: string | undefined;
  /** File of the key that must have signed it, as the user wrote it; undefined: nobody has to. */
  readonly signedBy: string | undefined;
}

export type ImageIndex = ChecksumFileIndex | SimpleStreamsIndex | CoreosStreamIndex;

/**
 * A file of digests. In addresses and patterns `{arch}` stands for the architecture, `{version}` for what was
 * found, `{file}` for the name that was found, `{url}` for the address of the image.
 */
export interface ChecksumFileIndex {
  readonly kind: 'checksum-file';
  /** Where the newest version is told, if not by the checksum file itself. */
  readonly version?: VersionRule;
  /** The version, of an image whose address tells it. */
  readonly build?: string;
  readonly url: string;
  /** Undefined: there is none, and nothing but what is pinned proves what is downloaded. */
  readonly checksumUrl?: string;
  /** What matches the file's name in the checksum file, the newest of several; undefined: `url` tells it. */
  readonly file?: string;
  readonly wanted?: DigestAlgorithm;
  readonly pinned?: Digest;
  readonly signature?: SignatureRule;
}

/** A text whose matches are versions: group `version`, and `release` where it has a part behind. */
export interface VersionRule {
  readonly url: string;
  readonly pattern: string;
}

/** Ubuntu's: https://maas.io/docs/how-to-use-image-streams */
export interface SimpleStreamsIndex {
  readonly kind: 'simplestreams';
  readonly url: string;
  /** What the paths in it begin at. */
  readonly base: string;
  readonly product: string;
  /** Key of the image among the items of a version. */
  readonly item: string;
  readonly signature?: SignatureRule;
}

/** Of Fedora CoreOS: https://github.com/coreos/stream-metadata-go */
export interface CoreosStreamIndex {
  readonly kind: 'coreos-stream';
  readonly url: string;
  readonly artifact: string;
  readonly fileFormat: string;
}

/** How a publisher signs. */
export interface SignatureRule {
  /** In the clear, in a file that holds the digests too; in a file of its own; or as the file itself says. */
  readonly kind: 'clear' | 'detached' | 'either';
  readonly of: 'checksums' | 'image';
  /** Where it is; of several the first that is there. */
  readonly urls: readonly string[];
}

/** What is to be downloaded, and what proves it. */
export interface ResolvedImage {
  readonly name: string;
  readonly arch: Arch;
  /** The publisher's word for the build, else the first 8 digits of the digest; undefined: nobody knows. */
  readonly version: string | undefined;
  readonly url: string;
  /** Last part of the URL. */
  readonly fileName: string;
  readonly format: ImageFormat | undefined;
  /** Of the bytes that are downloaded. */
  readonly downloaded: Digest | undefined;
  /** Of what comes out of a compressed file. */
  readonly content: Digest | undefined;
  /** Of the bytes that are downloaded. */
  readonly bytes: number | undefined;
  readonly checksumUrl: string | undefined;
  /** How its publisher signs it, whether that was looked at or not. */
  readonly signature: ImageSignature | undefined;
  /** Who signed the digest, where that was verified. */
  readonly signer: string | undefined;
}

export interface ImageSignature {
  readonly kind: 'clear' | 'detached';
  /** What it is of: the digests, which resolveImage verifies, or the image, which can be when it is there. */
  readonly of: 'checksums' | 'image';
  readonly url: string;
}
