import { bytesText } from '../text/quantities.ts';
import { openAny } from './download.ts';
import type { Download } from './download.ts';
import { LineBroke, failed } from './failure.ts';
import type { DownloadOptions } from './options.ts';

const MOST_BEGINNINGS = 3;

/**
 * A small file as text: an index, checksums, a signature in ASCII.
 * @param mostBytes of it: more is an error
 * @throws PlowError (storage), and the signal's reason
 */
export async function fetchText(url: string, options: DownloadOptions, mostBytes: number): Promise<string> {
  return new TextDecoder().decode(await fetchBytes(url, options, mostBytes));
}

/** The same as bytes, such as those of a signature. */
export async function fetchBytes(
  url: string,
  options: DownloadOptions,
  mostBytes: number,
): Promise<Uint8Array> {
  for (let beginning = 1; ; beginning += 1) {
    const download = await openAny(url, options);
    try {
      return await bytesOf(download, mostBytes);
    } catch (error) {
      if (!(error instanceof LineBroke) || beginning === MOST_BEGINNINGS) throw error;
      options.onBreak?.('the line broke');
    } finally {
      download.close();
    }
  }
}

async function bytesOf({ url, bytes = 0, chunks }: Download, mostBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const check = (size: number): void => {
    if (size <= mostBytes) return;
    throw failed(
      new URL(url),
      `it has more than ${bytesText(mostBytes)}, which no such file has`,
      'look at the URL: it should lead to an index or to checksums, not to an image',
    );
  };
  check(bytes);
  for await (const chunk of chunks) {
    length += chunk.length;
    check(length);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}
