import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { corrupt, truncated } from './failure.ts';

const CHUNK_BYTES = 256 * 1024;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What comes out of a .gz file, of one member or several. @param name the file's, for errors */
export async function* gunzipped(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = Readable.from(chunks);
  const closed = new Promise<void>((resolve) => {
    source.once('close', resolve);
  });
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // Its errors come out of what is iterated over.
  pipeline(source, gunzip, () => {});
  let outcome = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      outcome += chunk.length;
      yield chunk;
    }
  } catch (error) {
    const code = codeOf(error);
    if (!code.startsWith('Z_')) throw error;
    const detail = error instanceof Error ? error.message : code;
    throw code === 'Z_BUF_ERROR' ? truncated(name, 'gzip', outcome) : corrupt(name, 'gzip', outcome, detail);
  } finally {
    source.destroy();
    await closed;
  }
}
