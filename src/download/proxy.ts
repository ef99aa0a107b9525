import { PlowError } from '../errors/plow-error.ts';
import { isException } from './no-proxy.ts';

/** Whom to ask instead. */
export interface Proxy {
  readonly url: URL;
  /** Value of Proxy-Authorization. */
  readonly authorization: string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** A host as sockets want it: IPv6 without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/u, '$1');
}

/** A port, said or not. */
export function portOf(url: URL): number {
  return Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
}

/** `Basic ...` of the user and the password in a URL, if it has any. */
export function basicOf(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const both = `${decoded(url.username)}:${decoded(url.password)}`;
  return `Basic ${Buffer.from(both).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The variable that names the proxy of a protocol; one that is set and empty says that there is none. */
function namedProxy(variables: Variables, protocol: string): readonly [string, string] | undefined {
  // A web server sets HTTP_PROXY of a CGI program from a header that anybody may send.
  const ofCgi = variables['REQUEST_METHOD'] !== undefined;
  const names =
    protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', ...(ofCgi ? [] : ['HTTP_PROXY'])];
  const name = [...names, 'all_proxy', 'ALL_PROXY'].find((one) => variables[one] !== undefined);
  const value = name === undefined ? '' : (variables[name] ?? '').trim();
  return name === undefined || value === '' ? undefined : [name, value];
}

/** The proxy that the environment names for a URL. @throws PlowError (config) for a value that names none */
export function proxyFor(url: URL, variables: Variables): Proxy | undefined {
  const found = namedProxy(variables, url.protocol);
  if (found === undefined) return undefined;
  const exceptions = variables['no_proxy'] ?? variables['NO_PROXY'] ?? '';
  if (isException(exceptions, { host: hostOf(url), port: String(portOf(url)) })) return undefined;
  const [name, value] = found;
  const text = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy === undefined || !['http:', 'https:'].includes(proxy.protocol) || proxy.hostname === '') {
    // Its value may have a password, and is not shown.
    throw new PlowError('config', `the variable ${name} names no proxy that plow knows`, {
      hint: 'it takes http://HOST:PORT, http://USER:PASSWORD@HOST:PORT, or the same with https://',
    });
  }
  return { url: proxy, authorization: basicOf(proxy) };
}
