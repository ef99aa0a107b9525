import { request } from 'node:http';
import { connect as connectPlain, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectSafe } from 'node:tls';
import { failed, socketFailure, statusFailure } from './failure.ts';
import type { Line } from './line.ts';
import type { DownloadOptions } from './options.ts';
import { hostOf, portOf } from './proxy.ts';
import type { Proxy } from './proxy.ts';

/** @param event what says that it is ready */
function ready<Held extends Duplex>(socket: Held, event: 'connect' | 'secureConnect'): Promise<Held> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve(socket));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
}

/** A socket to where a URL leads, or a safe one over a socket that leads there already. */
async function socketTo(url: URL, line: Line, { ca }: DownloadOptions, over?: Duplex): Promise<Duplex> {
  const [host, port] = [hostOf(url), portOf(url)];
  if (url.protocol === 'http:') return line.waits(ready(line.hold(connectPlain({ host, port })), 'connect'));
  const socket = connectSafe({
    host,
    ...(over === undefined ? { port } : { socket: over }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ALPNProtocols: ['http/1.1'],
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    rejectUnauthorized: true,
  });
  return line.waits(ready(line.hold(socket), 'secureConnect'));
}

/** Asks a proxy for a line to somebody else (RFC 9110, 9.3.6). */
async function tunnel(url: URL, proxy: Proxy, line: Line, options: DownloadOptions): Promise<Duplex> {
  const socket = await socketTo(proxy.url, line, options);
  const target = `${url.hostname}:${portOf(url)}`;
  const asked = request({
    method: 'CONNECT',
    path: target,
    setHost: false,
    headers: {
      host: target,
      'user-agent': options.userAgent,
      ...(proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
    },
    createConnection: () => socket,
  });
  const status = new Promise<number>((resolve, reject) => {
    asked.once('connect', (response) => resolve(response.statusCode ?? 0));
    asked.on('error', reject);
    asked.once('close', () => reject(new Error('closed')));
    asked.end();
  });
  const answer = await line.waits(status);
  if (answer < 200 || answer > 299) throw statusFailure(url, answer, proxy.url.host);
  return socket;
}

/** A socket over which to ask for a URL. @throws Trouble or PlowError */
export async function connectFor(
  url: URL,
  proxy: Proxy | undefined,
  line: Line,
  options: DownloadOptions,
): Promise<Duplex> {
  const first = proxy?.url ?? url;
  const over = await step(url, options, `${proxy === undefined ? '' : 'the proxy '}${first.host}`, () =>
    proxy !== undefined && url.protocol === 'https:'
      ? tunnel(url, proxy, line, options)
      : socketTo(first, line, options),
  );
  if (proxy === undefined || url.protocol === 'http:') return over;
  return step(url, options, url.host, () => socketTo(url, line, options, over));
}

async function step<T>(
  url: URL,
  { signal }: DownloadOptions,
  host: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw socketFailure(url, host, error);
  }
}

/** What plow can ask for. @throws PlowError for any other */
export function checkProtocol(url: URL): void {
  if (url.protocol === 'https:' || url.protocol === 'http:') return;
  throw failed(url, 'plow downloads over https and http only', 'take an address of these');
}
