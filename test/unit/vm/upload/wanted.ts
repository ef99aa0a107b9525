import { createHash } from 'node:crypto';
import type { OpenFile } from '../../../../src/config/files/open-file.ts';
import { BLOCK_BYTES } from '../../../../src/vm/upload/fingerprint.ts';
import type { Hasher } from '../../../../src/vm/image-store/bytes.ts';
import type { WantedImage } from '../../../../src/vm/upload/look.ts';

export const newHasher = (): Hasher => createHash('sha256');

/** A file of this machine that is in memory. */
export function fileOf(bytes: Uint8Array, path = './debian.qcow2'): OpenFile {
  const file = {
    path,
    bytes: bytes.length,
    file: path,
    read: async (buffer: Uint8Array, offset: number): Promise<number> => {
      const part = bytes.subarray(offset, offset + buffer.length);
      buffer.set(part);
      return part.length;
    },
    isAsItWas: () => true,
  };
  return file as unknown as OpenFile;
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What a file has, as fingerprintOf tells it. */
function wantedOf(bytes: Uint8Array, path?: string): WantedImage {
  const blocks: (string | undefined)[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    blocks.push(block.some((byte) => byte !== 0) ? digest(block) : undefined);
  }
  const head = bytes.slice(0, 4096);
  return {
    file: fileOf(bytes, path),
    format: 'qcow2',
    print: { digest: digest(bytes), blocks, head, bytes: bytes.length },
  };
}

/** With data, zeros, data and zeros. */
export function sampleBytes(): Uint8Array {
  const bytes = new Uint8Array(4 * BLOCK_BYTES + 100);
  bytes.set(new TextEncoder().encode('QFI\u00fb is what it begins with'), 0);
  bytes.fill(7, 5000, BLOCK_BYTES);
  bytes.fill(9, 2 * BLOCK_BYTES + 10, 2 * BLOCK_BYTES + 1000);
  return bytes;
}

export const WANTED = wantedOf(sampleBytes());
