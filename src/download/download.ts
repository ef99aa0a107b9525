import { ask } from './ask.ts';
import type { Answer } from './ask.ts';
import { bodyOf } from './body.ts';
import { factsOf } from './facts.ts';
import type { FileFacts } from './facts.ts';
import { PlowError } from '../errors/plow-error.ts';
import { Trouble, failed, shownUrl } from './failure.ts';
import { patienceOf } from './options.ts';
import type { DownloadOptions } from './options.ts';
import { pause } from './pause.ts';

/** A file that a server has begun to send. */
export interface Download {
  /** Where it was found after all redirects, without what must not be shown. */
  readonly url: string;
  /** As the server says; undefined where it does not. */
  readonly bytes: number | undefined;
  /**
   * To be taken once, as fast as the taker likes. A line that breaks is mended in here; who stops early ends
   * it. @throws PlowError (storage), of which LineBroke is one that may begin anew, or the signal's reason
   */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** For who does not want the rest, or any of it. */
  close(): void;
}

/**
 * Asks for a file over https or http, through the proxy that the environment names.
 * @throws PlowError (storage) in words, and the signal's reason
 */
export async function openDownload(url: string, options: DownloadOptions): Promise<Download> {
  const { answer, facts } = await opened(url, options);
  const type = answer.message.headers['content-type'] ?? '';
  if (/^\s*(?:text\/html|application\/xhtml)/iu.test(type)) {
    answer.line.end();
    throw failed(
      answer.url,
      'the server sends a web page, not a file',
      'open the URL in a browser: it may want a login, or be the page that tells of the file',
    );
  }
  return downloadOf(answer, facts, options);
}

/** The same for whatever the server sends, a page too. */
export async function openAny(url: string, options: DownloadOptions): Promise<Download> {
  const { answer, facts } = await opened(url, options);
  return downloadOf(answer, facts, options);
}

function downloadOf(answer: Answer, facts: FileFacts, options: DownloadOptions): Download {
  return {
    url: shownUrl(answer.url),
    bytes: facts.bytes,
    chunks: bodyOf(answer, facts, options),
    close: () => answer.line.end(),
  };
}

async function opened(text: string, options: DownloadOptions): Promise<{ answer: Answer; facts: FileFacts }> {
  if (!URL.canParse(text)) {
    throw new PlowError('validation', 'cannot download: what was given is no URL', {
      hint: 'a URL begins with https:// and has a host',
    });
  }
  const answer = await patiently(new URL(text), options);
  try {
    if (answer.message.statusCode !== 200) {
      throw failed(
        answer.url,
        'the server sends a part, though it was asked for the whole',
        'take another mirror',
      );
    }
    return { answer, facts: factsOf(answer.url, answer.message) };
  } catch (error) {
    answer.line.end();
    throw error;
  }
}

/** Asks again where that may help. */
async function patiently(url: URL, options: DownloadOptions): Promise<Answer> {
  const { mostFruitless } = patienceOf(options);
  for (let fruitless = 1; ; fruitless += 1) {
    try {
      return await ask(url, {}, options);
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      if (error.lasting || fruitless >= mostFruitless) throw failed(url, error.message, error.hint, error);
      options.onBreak?.(error.message);
    }
    await pause(fruitless, options);
  }
}
