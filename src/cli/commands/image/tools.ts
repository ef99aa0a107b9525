import { createHash } from 'node:crypto';
import { compressionOf, HEAD_BYTES } from '../../../decompress/kinds.ts';
import { decompressed } from '../../../decompress/decompressed.ts';
import { openDownload } from '../../../download/download.ts';
import { shownUrl } from '../../../vm/pull/wanted.ts';
import type { PullTools } from '../../../vm/pull/wanted.ts';
import type { Environment } from '../../environment.ts';

/** The web, and what unpacks. */
export function pullTools({ variables, version, output }: Environment): PullTools {
  return {
    open: (url, signal) =>
      openDownload(url, {
        variables,
        signal,
        userAgent: `plow/${version}`,
        onBreak: (why) => output.say(`note: ${shownUrl(url)}: ${why}`),
      }),
    unpacked,
    newHasher: (algorithm) => createHash(algorithm),
  };
}

async function* unpacked(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  mostBytes: number,
): AsyncGenerator<Uint8Array, void> {
  const source = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < HEAD_BYTES) {
    const next = await source.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  yield* decompressed(rejoined(head, source), compressionOf(head), { name, mostBytes });
}

/** What was read already, and the rest. */
async function* rejoined(
  head: Uint8Array,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield head;
    for (;;) {
      const next = await source.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await source.return?.();
  }
}
