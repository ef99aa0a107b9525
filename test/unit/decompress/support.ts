import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

/** Half of it can be packed, half cannot. */
export const DATA: Buffer = Buffer.concat(
  Array.from({ length: 24 }, (_, index) =>
    index % 2 === 0 ? randomBytes(64 * 1024) : Buffer.alloc(64 * 1024, `line ${index}\n`),
  ),
);

/** What a program makes of bytes: the judge. */
export function packed(program: string, bytes: Uint8Array, ...args: readonly string[]): Buffer {
  return execFileSync(program, ['-c', ...args], { input: bytes, maxBuffer: 2 ** 30 });
}

/** In pieces of this size. */
export async function* pieces(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

export async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
