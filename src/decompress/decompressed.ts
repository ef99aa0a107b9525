import { ahead } from './ahead.ts';
import { decoded } from './decoder.ts';
import { noBzip2, tooLarge, truncated } from './failure.ts';
import { gunzipped } from './gzip.ts';
import type { Compression } from './kinds.ts';
import { openXz } from './xz.ts';
import { openZstd } from './zstd.ts';

export interface DecompressOptions {
  /** What the file is called in messages. */
  readonly name: string;
  /** Of what comes out: more is an error. */
  readonly mostBytes: number;
}

/**
 * What comes out of a packed file, in chunks of 64 to 256 KiB (of a file that is not packed: as they come),
 * decoded beside the event loop, one step ahead of who takes it. Who stops early must say so (`return`, as
 * `for await` does): the decoder is freed, and `chunks` are told.
 * @throws PlowError (storage) for what is corrupt, not whole or too large, and for a library that is missing
 */
export async function* decompressed(
  chunks: AsyncIterable<Uint8Array>,
  kind: Compression,
  { name, mostBytes }: DecompressOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = mostBytes;
  for await (const chunk of unpacked(chunks, kind, name)) {
    left -= chunk.length;
    if (left < 0) throw tooLarge(name, mostBytes);
    yield chunk;
  }
}

function unpacked(
  chunks: AsyncIterable<Uint8Array>,
  kind: Compression,
  name: string,
): AsyncIterable<Uint8Array> {
  if (kind === 'none') return chunks;
  if (kind === 'gzip') return gunzipped(chunks, name);
  if (kind === 'bzip2') throw noBzip2(name);
  const open = { xz: openXz, zstd: openZstd }[kind];
  return ahead(
    decoded(
      chunks,
      () => open(name),
      (outcome) => truncated(name, kind, outcome),
    ),
  );
}
