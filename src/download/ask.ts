import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connectFor, checkProtocol } from './connect.ts';
import { failed, shownUrl, socketFailure, statusFailure } from './failure.ts';
import { Line } from './line.ts';
import { patienceOf } from './options.ts';
import type { DownloadOptions } from './options.ts';
import { basicOf, proxyFor } from './proxy.ts';

const MOST_REDIRECTS = 20;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** A server that answered, with a file. */
export interface Answer {
  /** Where it was found at last. */
  readonly url: URL;
  readonly message: IncomingMessage;
  readonly line: Line;
  /** Whether there was something behind the announced end. */
  readonly hasExcess: () => boolean;
}

type Headers = Readonly<Record<string, string>>;

/** Asks for a file, wherever it leads. @throws Trouble, PlowError, or the reason of whoever aborts */
export async function ask(start: URL, headers: Headers, options: DownloadOptions): Promise<Answer> {
  let url = start;
  for (let redirects = 0; ; redirects += 1) {
    const line = new Line(options.signal, patienceOf(options).stallMs);
    try {
      checkProtocol(url);
      const { message, hasExcess } = await askOnce(url, headers, line, options);
      const status = message.statusCode ?? 0;
      if (status === 200 || status === 206) return { url, message, line, hasExcess };
      if (!REDIRECTS.has(status)) throw statusFailure(url, status);
      if (redirects === MOST_REDIRECTS) {
        throw failed(
          start,
          `it was sent on ${MOST_REDIRECTS} times, and still not to a file`,
          'look at the URL',
        );
      }
      url = redirected(url, message.headers.location);
      line.end();
    } catch (error) {
      line.end();
      throw error;
    }
  }
}

/** Where an answer sends plow on to. */
function redirected(from: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, from.href)) {
    throw failed(from, 'the server sends it on to an address that is none', 'look at the URL');
  }
  const to = new URL(location, from);
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw failed(
      from,
      `the server sends it on from https to ${shownUrl(to)}, where anybody on the way may change it`,
      'take an address that stays with https',
    );
  }
  // A password is for who was meant: a relative address keeps it, and so does one of the same server.
  if (to.origin === from.origin && to.username === '') {
    to.username = from.username;
    to.password = from.password;
  }
  return to;
}

async function askOnce(
  url: URL,
  headers: Headers,
  line: Line,
  options: DownloadOptions,
): Promise<Pick<Answer, 'message' | 'hasExcess'>> {
  const proxy = proxyFor(url, options.variables);
  const socket = await connectFor(url, proxy, line, options);
  const authorization = basicOf(url);
  const plain = url.protocol === 'http:' ? proxy : undefined;
  const path = `${url.pathname}${url.search}`;
  const asked = request({
    path: plain === undefined ? path : `http://${url.host}${path}`,
    setHost: false,
    headers: {
      host: url.host,
      'user-agent': options.userAgent,
      accept: '*/*',
      // What is counted and hashed are the bytes of the file.
      'accept-encoding': 'identity',
      connection: 'close',
      ...(authorization === undefined ? {} : { authorization }),
      ...(plain?.authorization === undefined ? {} : { 'proxy-authorization': plain.authorization }),
      ...headers,
    },
    createConnection: () => socket,
  });
  let excess = false;
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve);
    asked.on('error', (error) => {
      // Behind a message that is whole the parser meets what is none.
      excess = true;
      reject(error);
    });
    asked.once('close', () => reject(new Error('closed')));
    asked.end();
  });
  try {
    const message = await line.waits(answered);
    // What breaks before somebody reads is told to who reads.
    message.on('error', () => {});
    return { message, hasExcess: () => excess && message.complete };
  } catch (error) {
    options.signal.throwIfAborted();
    throw socketFailure(url, (proxy?.url ?? url).host, error);
  }
}
