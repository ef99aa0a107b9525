import { shownUrl } from '../../../../text/shown-url.ts';
import { createHash } from 'node:crypto';
import { compressionOf, HEAD_BYTES } from '../../../../decompress/kinds.ts';
import { decompressed } from '../../../../decompress/decompressed.ts';
import { openDownload } from '../../../../download/download.ts';
import { fetchBytes } from '../../../../download/fetch-text.ts';
import type { DownloadOptions } from '../../../../download/options.ts';
import type { PullTools } from '../../../../vm/pull/wanted.ts';
import type { Environment } from '../../../environment.ts';
import { collectGarbageLater } from '../../../run/collect-garbage-later.ts';

/** Of an index, checksums or a signature: Ubuntu's index has some MiB. */
const MOST_INDEX_BYTES = 32 * 2 ** 20;

/** What comes from the web, and what unpacks it. */
export interface WebTools extends PullTools {
  /** A small file. @throws PlowError */
  readonly read: (url: string) => Promise<Uint8Array>;
}

/** @param say tells of lines that broke */
export function webTools(
  { variables, version }: Pick<Environment, 'variables' | 'version'>,
  signal: AbortSignal,
  say: (text: string) => void,
): WebTools {
  collectGarbageLater();
  const optionsFor = (url: string): DownloadOptions => ({
    variables,
    signal,
    userAgent: `plow/${version}`,
    onBreak: (why) => say(`${shownUrl(url)}: ${why}`),
  });
  return {
    // The signal of the pull, which holds plow's own: it ends when nothing is to come any more.
    open: (url, ofPull) => openDownload(url, { ...optionsFor(url), signal: ofPull }),
    read: (url) => fetchBytes(url, optionsFor(url), MOST_INDEX_BYTES),
    unpacked,
    newHasher: (algorithm) => createHash(algorithm),
  };
}

async function* unpacked(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  mostBytes: number,
  tell: (isPacked: boolean) => void,
): AsyncGenerator<Uint8Array, void> {
  const source = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < HEAD_BYTES) {
    const next = await source.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const kind = compressionOf(head);
  tell(kind !== 'none');
  yield* decompressed(rejoined(head, source), kind, { name, mostBytes });
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
