import { quote } from '../../text/quote.ts';

/**
 * The MAC address that belongs to an IPv4 address: `be:ef:` and the four octets in hexadecimal, so
 * 10.55.22.22 gives be:ef:0a:37:16:16. `be` has the locally administered bit set and the multicast bit clear.
 */
export function macFor(address: string): string {
  const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return ['be', 'ef', ...octets].join(':');
}

/** The IPv4 address that a MAC address of plow's kind was made from; undefined for any other. */
export function addressFromMac(mac: string): string | undefined {
  const octets = /^be:ef((?::[0-9a-f]{2}){4})$/iu.exec(mac)?.[1];
  return octets
    ?.slice(1)
    .split(':')
    .map((octet) => Number.parseInt(octet, 16))
    .join('.');
}

/** Why a text is not the MAC address of one network interface, or undefined if it is (IEEE 802-2014 8.2). */
export function macMistake(text: string): string | undefined {
  if (!/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/iu.test(text)) {
    return `must be a MAC address, such as 52:54:00:12:34:56, got ${quote(text)}`;
  }
  const first = Number.parseInt(text.slice(0, 2), 16);
  if (first % 2 === 1) return `${text} is a group address: the first byte of a MAC address must be even`;
  return /^[0:]*$/u.test(text) ? `${text} is no address of an interface` : undefined;
}
