import { STATUS_CODES } from 'node:http';
import { PlowError } from '../errors/plow-error.ts';
import { printable } from '../text/printable.ts';
import { withoutSecrets } from '../text/secrets.ts';

/** A line that cannot be mended: what was downloaded until then is lost, and whoever wants it begins anew. */
export class LineBroke extends PlowError {}

/** What may be better the next time; inside of this room only. */
export class Trouble extends Error {
  /** True where nothing is to be hoped for unless it has worked before. */
  readonly lasting: boolean;
  readonly hint: string | undefined;

  constructor(words: string, { lasting = false, hint }: { lasting?: boolean; hint?: string } = {}) {
    super(words);
    this.lasting = lasting;
    this.hint = hint;
  }
}

/** A URL as it may be shown: without user, password and parameters, where tokens are. */
export function shownUrl(url: URL): string {
  return printable(
    withoutSecrets(`${url.protocol}//${url.host}${url.pathname}${url.search === '' ? '' : '?...'}`),
  );
}

/** The download failed. @param why behind "cannot download URL: " */
export function failed(url: URL, why: string, hint: string | undefined, cause?: unknown): PlowError {
  return new PlowError('storage', `cannot download ${shownUrl(url)}: ${why}`, {
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

const ANEW = 'run the command again: it begins anew';

/** The line broke, and the server cannot go on from its middle. */
export function lineBroke(url: URL, why: string): LineBroke {
  return new LineBroke('storage', `cannot download ${shownUrl(url)}: ${why}`, { hint: ANEW });
}

/** The file is another one now. */
export function changed(url: URL): PlowError {
  return failed(url, 'the file changed on the server while it was downloaded', ANEW);
}

const STATUSES: Readonly<Record<number, readonly [words: string, hint: string]>> = {
  401: ['the server wants a user and a password', 'write them into the URL (https://user:password@...)'],
  403: ['the server does not give it to everybody', 'look at the URL, and whether it is still valid'],
  404: [
    'the server has no such file',
    'look for the file in the directory of the URL: builds go after some months',
  ],
  407: ['the proxy wants a user and another password', 'write them into the variable that names the proxy'],
  410: ['the server has this file no more', 'take a newer one'],
  416: ['the file on the server is shorter than what was downloaded of it', ANEW],
};

const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What a status says that brings no file. @param proxy host of a proxy, where it is its answer */
export function statusFailure(url: URL, status: number, proxy?: string): Error {
  const who = proxy === undefined ? 'the server' : `the proxy ${proxy}`;
  const name = STATUS_CODES[status];
  const answers = `${who} answers ${status}${name === undefined ? '' : ` ${name}`}`;
  if (TRANSIENT.has(status)) {
    return new Trouble(answers, { hint: `${who} may be overloaded or under repair: try again later` });
  }
  const known = proxy === undefined || status === 407 ? STATUSES[status] : undefined;
  if (known !== undefined) return failed(url, `${known[0]} (${status})`, known[1]);
  return failed(
    url,
    answers,
    proxy === undefined
      ? 'open the URL in a browser: it may say more'
      : 'ask whoever runs the proxy, or name the host in NO_PROXY',
  );
}

const TRUST =
  'if a proxy of your own, or your organisation, signs what comes through: NODE_EXTRA_CA_CERTS=/path/to/ca.pem';
/** Codes of node's tls, in words. */
const CERTIFICATES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet (is the clock right?)',
  CERT_REVOKED: 'its certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate leads to an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate leads to an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate leads to an authority that this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate leads to an authority that this machine does not know',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is that of another name',
};

/** Codes of sockets, in words; true for what lasts. */
const LINES: Readonly<Record<string, readonly [words: string, lasting: boolean]>> = {
  ENOTFOUND: ['its name is not known to the DNS', true],
  EAI_AGAIN: ['the DNS does not answer', false],
  ECONNREFUSED: ['nothing listens there', true],
  ECONNRESET: ['the line broke', false],
  EPIPE: ['the line broke', false],
  ETIMEDOUT: ['nobody answers there', false],
  EHOSTUNREACH: ['no way leads there', true],
  ENETUNREACH: ['no way leads there', true],
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What went wrong with a socket, in words. @param host whom it leads to */
export function socketFailure(url: URL, host: string, error: unknown): Error {
  if (error instanceof PlowError || error instanceof Trouble) return error;
  // Of a name with several addresses.
  const one: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const code = codeOf(one);
  const certificate = CERTIFICATES[code];
  if (certificate !== undefined)
    return failed(url, `${host} cannot be trusted: ${certificate}`, TRUST, error);
  const [words, lasting] = LINES[code] ?? [];
  if (words !== undefined) {
    return new Trouble(words === 'the line broke' ? words : `${host}: ${words}`, {
      lasting: lasting === true,
      hint: 'look at the network and at the name; behind a proxy set HTTPS_PROXY',
    });
  }
  if (code.startsWith('HPE_'))
    return failed(url, `what ${host} sends is no HTTP (${code})`, undefined, error);
  const detail = one instanceof Error ? printable(withoutSecrets(one.message)) : 'the line broke';
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    return failed(url, `${host} and this machine find no safe line: ${detail}`, undefined, error);
  }
  return new Trouble(code === '' ? 'the line broke' : `${host}: ${detail}`);
}
