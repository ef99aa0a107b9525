import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createPlain } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createSafe } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { DownloadOptions } from '../../../src/download/options.ts';

/** A certificate of its own for this machine, signed by itself. */
export function makeCertificate(name = 'DNS:localhost,IP:127.0.0.1'): { key: string; cert: string } {
  const files = mkdtempSync(join(tmpdir(), 'plow-cert-'));
  const [key, cert] = [join(files, 'key.pem'), join(files, 'cert.pem')];
  const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${name}`];
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  execFileSync('openssl', [...args, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(files, { recursive: true });
  return pair;
}

const CERTIFICATE = makeCertificate();

/** What a test starts, and ends with `await using`. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
  /** Sockets that are open. */
  readonly sockets: ReadonlySet<Socket>;
}

async function listening(server: Server, scheme: string, requests: IncomingMessage[]): Promise<Served> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export function serve(
  answer: RequestListener,
  { safe = true, certificate = CERTIFICATE } = {},
): Promise<Served> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    answer(request, response);
  };
  const server = safe ? createSafe(certificate, listener) : createPlain(listener);
  return listening(server, safe ? 'https' : 'http', requests);
}

/** A proxy that wants a password, of CONNECT and of plain requests. */
export function serveProxy(user: string, { status = 0, safe = false } = {}): Promise<Served> {
  const requests: IncomingMessage[] = [];
  const expected = `Basic ${Buffer.from(user).toString('base64')}`;
  const answer: RequestListener = (request, response) => {
    requests.push(request);
    const known = request.headers['proxy-authorization'] === expected;
    response.writeHead(known ? 200 : 407).end(known ? `by proxy ${request.url ?? ''}` : '');
  };
  const server = safe ? createSafe(CERTIFICATE, answer) : createPlain(answer);
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    requests.push(request);
    socket.on('error', () => {});
    const refused = status || (request.headers['proxy-authorization'] === expected ? 0 : 407);
    if (refused !== 0) {
      socket.end(`HTTP/1.1 ${refused} No\r\n\r\n`);
      return;
    }
    const [host = '', port] = (request.url ?? '').split(':');
    const other = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      other.pipe(socket).pipe(other);
    });
    other.on('error', () => socket.destroy());
    socket.on('close', () => other.destroy());
  });
  return listening(server, safe ? 'https' : 'http', requests);
}

export interface FileOptions {
  readonly etag?: string;
  /** After as many bytes of an answer the line is cut; per request. */
  readonly cuts?: readonly number[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A file with ranges, whose line is cut as told. */
export function fileOf(
  bytes: Buffer,
  { etag = '"one"', cuts = [], headers = {} }: FileOptions = {},
): RequestListener {
  let count = 0;
  return (request: IncomingMessage, response: ServerResponse) => {
    const cut = cuts[count] ?? Infinity;
    count += 1;
    const range = /^bytes=(\d+)-$/u.exec(request.headers.range ?? '');
    const goesOn = range !== null && request.headers['if-range'] === etag;
    const from = goesOn ? Number(range[1]) : 0;
    const rest = bytes.subarray(from);
    response.writeHead(goesOn ? 206 : 200, {
      'content-length': rest.length,
      ...(etag === '' ? {} : { etag }),
      ...(goesOn ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
      ...headers,
    });
    if (cut >= rest.length) {
      response.end(rest);
      return;
    }
    response.flushHeaders();
    if (cut === 0) setTimeout(() => request.socket.destroy(), 5);
    else response.write(rest.subarray(0, cut), () => request.socket.destroy());
  };
}

/** Options of a download that a test makes; nothing takes long. */
export function options(changes: Partial<DownloadOptions> = {}): DownloadOptions {
  return {
    variables: {},
    signal: new AbortController().signal,
    userAgent: 'plow/test',
    ca: CERTIFICATE.cert,
    patience: { stallMs: 5000, firstPauseMs: 1 },
    ...changes,
  };
}
