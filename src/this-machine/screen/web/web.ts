import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Channel } from '../way.ts';
import { joiner } from '../joiner.ts';
import { listenOnLoopback, LOOPBACK } from '../loopback.ts';
import { NOT_YOURS } from '../one-viewer.ts';
import type { Door, Serving } from '../one-viewer.ts';
import { userAt } from '../own-user.ts';
import { acceptOf, WebSocketBytes } from './web-socket.ts';

type End = 'viewer' | 'screen';

const nobody: (end: End) => void = () => {};
/** 128 bits. */
const TOKEN_BYTES = 16;

/** What a browser is given, by path. */
export type WebFiles = Readonly<Record<string, { readonly type: string; readonly text: string }>>;

export interface WebServing extends Serving {
  readonly token: string;
}

/**
 * Serves a page to one browser, and the screen by a WebSocket, on a loopback port. Whoever does not know the
 * token, is another user, comes by another name than 127.0.0.1, or from a page of somebody else, is refused.
 * @param filesFor the page, in which the token stands
 * @throws the system's errors
 */
export async function serveWeb(
  { stream }: Channel,
  filesFor: (token: string) => WebFiles,
  { users, onRefused }: Door,
): Promise<WebServing> {
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const files = filesFor(token);
  let end = nobody;
  const ended = new Promise<End>((resolve) => (end = resolve));
  stream.once('close', () => end('screen')).once('end', () => end('screen'));
  const join = joiner(stream);
  let viewer: WebSocketBytes | undefined;
  let port = 0;
  const judged = (request: IncomingMessage, user: number | undefined): Refusal | undefined => {
    const isOther = user === undefined || !users.includes(user);
    const refusal = isOther
      ? OTHER_USER
      : (refusalOf(request, { port, token }) ?? (viewer === undefined ? undefined : TAKEN));
    if (refusal !== undefined) onRefused(refusal.why);
    return refusal;
  };
  const serve = (request: IncomingMessage, response: ServerResponse, user: number | undefined): void => {
    const refusal = judged(request, user);
    if (refusal !== undefined) return answer(response, refusal.code, port, `${refusal.why}\n`);
    const file = files[pathOf(request)];
    if (file === undefined) return answer(response, 404, port, 'there is nothing\n');
    return answer(response, 200, port, file.text, file.type);
  };
  const upgrade = (
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    user: number | undefined,
  ): void => {
    const key = request.headers['sec-websocket-key'];
    const refusal = judged(request, user);
    const isWrong =
      pathOf(request) !== '/screen' || key === undefined || request.headers.origin === undefined;
    if (refusal !== undefined || isWrong)
      return void socket.end(`HTTP/1.1 ${refusal?.code ?? 403} Refused\r\nConnection: close\r\n\r\n`);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`,
    );
    viewer = new WebSocketBytes(socket, head);
    viewer.once('close', () => end('viewer'));
    return join(viewer);
  };
  const server = createServer((request, response) => {
    void userAt(request.socket).then((user) => serve(request, response, user));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => {});
    void userAt(socket).then((user) => upgrade(request, socket, head, user));
  });
  port = await listenOnLoopback(server);
  const close = (): void => {
    server.close();
    server.closeAllConnections();
    viewer?.destroy();
  };
  return { port, token, ended, isSeen: () => viewer !== undefined, close };
}

interface Refusal {
  readonly code: number;
  readonly why: string;
}

const OTHER_USER: Refusal = { code: 403, why: NOT_YOURS };
const TAKEN: Refusal = { code: 409, why: 'somebody looks at this screen already' };

function refusalOf(
  { method, headers, url = '' }: IncomingMessage,
  { port, token }: { readonly port: number; readonly token: string },
): Refusal | undefined {
  const own = `${LOOPBACK}:${port}`;
  if (headers.host !== own) return { code: 403, why: `it is at ${own}, and has no other name` };
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${own}`)
    return { code: 403, why: 'a page from elsewhere wanted to see it' };
  if (method !== 'GET') return { code: 405, why: 'there is nothing to send to it' };
  const given = /[?&]token=(?<token>[0-9a-f]*)(?:&|$)/u.exec(url)?.groups?.['token'] ?? '';
  return isSame(given, token) ? undefined : { code: 403, why: 'the token is another one' };
}

/** In a time that says nothing. */
function isSame(given: string, wanted: string): boolean {
  return given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted));
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?')[0] ?? '';
}

/** noVNC draws some pictures by data: addresses. */
function answer(
  response: ServerResponse,
  code: number,
  port: number,
  text: string,
  type = 'text/plain',
): void {
  response
    .writeHead(code, {
      'Content-Type': `${type}; charset=utf-8`,
      'Content-Security-Policy': `default-src 'self'; connect-src 'self' ws://${LOOPBACK}:${port}; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Cache-Control': 'no-store',
    })
    .end(text);
}
