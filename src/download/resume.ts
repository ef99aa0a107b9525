import { ask } from './ask.ts';
import type { Answer } from './ask.ts';
import { checkCoding, lengthOf, rangeOf, validatorOf } from './facts.ts';
import type { FileFacts } from './facts.ts';
import { changed, lineBroke } from './failure.ts';
import type { DownloadOptions } from './options.ts';

/**
 * Asks for what is missing of a file.
 * @param at bytes that are there
 * @throws Trouble, LineBroke where the server cannot, PlowError where the file is another one
 */
export async function resumed(
  from: URL,
  at: number,
  facts: FileFacts & { readonly validator: string },
  options: DownloadOptions,
): Promise<Answer> {
  const headers = { range: `bytes=${at}-`, 'if-range': facts.validator };
  const answer = await ask(from, headers, options);
  try {
    check(answer, at, facts);
  } catch (error) {
    answer.line.end();
    throw error;
  }
  return answer;
}

function check({ url, message }: Answer, at: number, facts: FileFacts & { validator: string }): void {
  const { headers } = message;
  const validator = validatorOf(headers);
  if (message.statusCode === 200) {
    // The whole of the same file: a server that knows no ranges.
    if (validator === facts.validator)
      throw lineBroke(url, `${BROKE}, and the server does not go on from the middle`);
    throw changed(url);
  }
  checkCoding(url, headers);
  const range = rangeOf(headers);
  if (range?.first !== at || range.last < at) {
    throw lineBroke(url, `${BROKE}, and the server goes on at another place than it was asked to`);
  }
  const otherTotal = facts.bytes !== undefined && range.total !== undefined && range.total !== facts.bytes;
  const otherFile =
    headers.etag !== undefined && headers.etag !== facts.validator && facts.validator.startsWith('"');
  if (otherTotal || otherFile) throw changed(url);
  const length = lengthOf(headers);
  if (length !== undefined && length !== range.last - at + 1) {
    throw lineBroke(url, `${BROKE}, and the server contradicts itself about what is missing`);
  }
}

/** How a line broke for good, before why. */
export const BROKE = 'the line broke in the middle';
