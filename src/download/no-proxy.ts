import { BlockList, isIP } from 'node:net';

interface Target {
  /** Without the brackets of IPv6. */
  readonly host: string;
  readonly port: string;
}

/**
 * Whether a list of exceptions has a host: names with all below them (with or without a dot or `*.` before),
 * addresses, networks (10.0.0.0/8), each with a port or not, or `*`.
 */
export function isException(list: string, { host, port }: Target): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/u)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry, { host: host.toLowerCase().replace(/\.$/u, ''), port }));
}

/** `host`, `host:80`, `[::1]:80`; an address of IPv6 has colons of its own. */
const WITH_PORT = /^(?:\[(?<bracketed>[^\]]*)\]|(?<plain>[^:]*))(?::(?<port>\d+))?$/u;

function matches(entry: string, target: Target): boolean {
  const parts = WITH_PORT.exec(entry)?.groups;
  const name = parts?.['bracketed'] ?? parts?.['plain'] ?? entry;
  if (parts?.['port'] !== undefined && parts['port'] !== target.port) return false;
  const family = isIP(target.host);
  if (family !== 0) return holdsAddress(name, target.host, family);
  const suffix = name.replace(/^\*?\./u, '').replace(/\.$/u, '');
  return suffix !== '' && (target.host === suffix || target.host.endsWith(`.${suffix}`));
}

function holdsAddress(entry: string, address: string, family: number): boolean {
  const [base = '', prefix] = entry.split('/');
  if (isIP(base) !== family) return false;
  const most = family === 4 ? 32 : 128;
  const bits = prefix === undefined ? most : Number(prefix);
  if (!Number.isInteger(bits) || prefix === '' || bits < 0 || bits > most) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(base, bits, type);
  return list.check(address, type);
}
