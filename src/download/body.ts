import type { Answer } from './ask.ts';
import type { FileFacts } from './facts.ts';
import { Trouble, failed, lineBroke } from './failure.ts';
import { patienceOf } from './options.ts';
import type { DownloadOptions } from './options.ts';
import { pause } from './pause.ts';
import { BROKE, resumed } from './resume.ts';

/** How far a download is. */
class Progress {
  at = 0;
  /** Attempts in a row that brought nothing. */
  fruitless = 0;

  add(bytes: number): void {
    this.at += bytes;
    if (bytes > 0) this.fruitless = 0;
  }
}

/** The bytes of a file, asked for again from where they broke off. */
export async function* bodyOf(
  first: Answer,
  facts: FileFacts,
  options: DownloadOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const progress = new Progress();
  let answer = first;
  try {
    for (;;) {
      const why = yield* answered(answer, facts, progress, options);
      if (why === undefined) return;
      answer.line.end();
      answer = await mended(answer.url, why, facts, progress, options);
    }
  } finally {
    answer.line.end();
  }
}

/** What one answer has of it. @returns why it is not the rest of the file; undefined where it is */
async function* answered(
  { url, message, line, hasExcess }: Answer,
  { bytes }: FileFacts,
  progress: Progress,
  options: DownloadOptions,
): AsyncGenerator<Uint8Array, string | undefined, undefined> {
  const chunks = (message as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  for (;;) {
    let result: IteratorResult<Uint8Array, unknown>;
    try {
      result = await line.waits(chunks.next());
    } catch (error) {
      options.signal.throwIfAborted();
      if (progress.at === bytes) return undefined;
      return error instanceof Trouble ? error.message : 'the line broke';
    }
    if (result.done === true) break;
    progress.add(result.value.length);
    if (bytes !== undefined && progress.at > bytes) throw tooMuch(url);
    yield result.value;
  }
  options.signal.throwIfAborted();
  if (hasExcess()) throw tooMuch(url);
  return bytes === undefined || progress.at === bytes ? undefined : 'it ended before its time';
}

function tooMuch(url: URL): Error {
  return failed(url, 'more came than the server had announced', 'take another mirror');
}

/** Another answer, with the rest. @param why of the break, in words */
async function mended(
  url: URL,
  why: string,
  facts: FileFacts,
  progress: Progress,
  options: DownloadOptions,
): Promise<Answer> {
  const { validator } = facts;
  if (validator === undefined) {
    throw lineBroke(url, `${BROKE} (${why}), and the server does not say how to go on with the same file`);
  }
  const { mostFruitless } = patienceOf(options);
  for (let reason = why; ;) {
    progress.fruitless += 1;
    if (progress.fruitless > mostFruitless) {
      throw failed(url, `${reason}, ${mostFruitless} times in a row without a byte`, 'try again later');
    }
    options.onBreak?.(reason);
    await pause(progress.fruitless, options);
    try {
      return await resumed(url, progress.at, { ...facts, validator }, options);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      reason = error.message;
    }
  }
}
