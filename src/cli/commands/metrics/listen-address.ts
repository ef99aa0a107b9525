import { isIPv4 } from 'node:net';
import { PlowError } from '../../../errors/plow-error.ts';
import type { ListenAddress } from '../../../this-machine/metrics/server.ts';
import { quote } from '../../../text/quote.ts';

const MOST_PORT = 65_535;

/** `9177`, `127.0.0.1:9177`. @throws PlowError (config) */
export function listenAddress(text: string): ListenAddress {
  const { host = '127.0.0.1', port = '' } =
    /^(?:(?<host>[0-9.]+|localhost):)?(?<port>\d{1,5})$/u.exec(text)?.groups ?? {};
  const number = Number(port);
  const address = host === 'localhost' ? '127.0.0.1' : host;
  if (port !== '' && number >= 1 && number <= MOST_PORT && isIPv4(address))
    return { host: address, port: number };
  throw new PlowError(
    'config',
    `must be a port, or an IPv4 address and a port such as 127.0.0.1:9177, got ${quote(text)}`,
  );
}
