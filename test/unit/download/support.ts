import { expect } from 'vitest';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { openDownload } from '../../../src/download/download.ts';
import type { DownloadOptions } from '../../../src/download/options.ts';

export async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

export async function downloaded(url: string, options: DownloadOptions): Promise<Buffer> {
  const { chunks } = await openDownload(url, options);
  return all(chunks);
}

export async function failureOf(work: Promise<unknown>): Promise<PlowError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PlowError);
  return error as PlowError;
}
