import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What Prometheus asks for by itself. */
const PATH = '/metrics';
/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
const TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** Who has not said what they want by then, or does not read, goes. */
const PATIENCE_MS = 10_000;
const MOST_CONNECTIONS = 64;

/** An address to listen at. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface MetricsServing {
  /** As it is: port 0 is a free one. */
  readonly port: number;
  readonly close: () => void;
}

/**
 * Serves a text that is made anew for whoever asks; several who ask at once get the same.
 * @param onError is told what kept a text from being made
 * @throws the system's errors, where it cannot listen
 */
export async function serveMetrics(
  { host, port }: ListenAddress,
  make: () => Promise<string>,
  onError: (error: unknown) => void,
): Promise<MetricsServing> {
  let making: Promise<string> | undefined;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'GET alone\n');
    if (path !== PATH) return end(response, 404, `there is ${PATH} alone\n`);
    making ??= make().finally(() => (making = undefined));
    try {
      const text = await making;
      end(response, 200, request.method === 'HEAD' ? '' : text, TYPE);
    } catch (error) {
      onError(error);
      end(response, 500, 'the hypervisors could not be asked\n');
    }
  };
  const server = createServer((request, response) => void answer(request, response));
  server.maxConnections = MOST_CONNECTIONS;
  server.headersTimeout = PATIENCE_MS;
  server.requestTimeout = PATIENCE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has a port');
  return {
    port: address.port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function end(response: ServerResponse, code: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(code, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(text);
}
