import { gzipSync } from 'node:zlib';

/** From that on a text is packed. */
const PACKED_FROM_BYTES = 4096;

/** Where Ignition has contents from. https://coreos.github.io/ignition/configuration-v3_0/ */
export interface Resource {
  readonly compression?: 'gzip';
  readonly source: string;
}

/** A text that stands in the config itself: packed where it is long and that makes it shorter. */
export function resourceOf(text: string): Resource {
  const bytes = Buffer.from(text);
  const packed = bytes.length < PACKED_FROM_BYTES ? bytes : gzipSync(bytes, { level: 9 });
  return packed.length < bytes.length
    ? { compression: 'gzip', source: dataUrl(packed) }
    : { source: dataUrl(bytes) };
}

function dataUrl(bytes: Buffer): string {
  return `data:;base64,${bytes.toString('base64')}`;
}
