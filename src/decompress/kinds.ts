/** How a file is packed, as its first bytes tell. */
export type Compression = 'none' | 'xz' | 'gzip' | 'zstd' | 'bzip2';

/** As many bytes of a file as are enough to tell. */
export const HEAD_BYTES = 6;

const MAGICS: readonly (readonly [Compression, readonly number[]])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];

/** How a file is packed. @param head its first bytes, HEAD_BYTES where it has as many */
export function compressionOf(head: Uint8Array): Compression {
  const found = MAGICS.find(([, magic]) => magic.every((byte, index) => head[index] === byte));
  return found?.[0] ?? 'none';
}
