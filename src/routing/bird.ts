import type { Bgp, Neighbor, NetworkFile, Prefix } from '../config/network-file/network-file.ts';
import { DRAINED_INCLUDE } from './drained.ts';
import { OWN_MARK } from './own.ts';

/** BIRD's protocol that finds the addresses of taps. */
export const TAPS_PROTOCOL = 'plow_taps';

/** BIRD's protocol for a neighbour: a name has no dots. */
export function protocolOf({ address }: Pick<Neighbor, 'address'>): string {
  return `plow_${address.replaceAll('.', '_')}`;
}

/** A line that is made where the password can be read. */
export interface PasswordLine {
  readonly passwordFile: string;
}

/**
 * What bird.conf includes, for BIRD 2 and 3, in lines. It has a table of its own, and neither a device nor a
 * kernel protocol, of which a bird.conf can have one each.
 */
export function birdLines(
  { prefixes }: Pick<NetworkFile, 'prefixes'>,
  bgp: Bgp,
): readonly (string | PasswordLine)[] {
  return [OWN_MARK, ...taps(prefixes), ...bgp.neighbors.flatMap((neighbor) => session(bgp, neighbor))];
}

/** Of each prefix the addresses of hosts alone. */
function taps(prefixes: readonly Prefix[]): readonly string[] {
  const allowed = prefixes.map(({ text }) => `${text}{32,32}`).join(', ');
  return [
    'ipv4 table plow4;',
    `protocol direct ${TAPS_PROTOCOL} {`,
    `  ipv4 { table plow4; import where net ~ [ ${allowed} ]; };`,
    '  interface "vm????????";',
    '  check link;',
    DRAINED_INCLUDE,
    '}',
  ];
}

/** An option that changes resets the session, so all are written from the beginning. */
function session(bgp: Bgp, neighbor: Neighbor): readonly (string | PasswordLine)[] {
  const { address, as, multihop, passwordFile } = neighbor;
  return [
    `protocol bgp ${protocolOf(neighbor)} {`,
    `  router id ${bgp.address};`,
    `  local ${bgp.address} as ${bgp.localAs};`,
    `  neighbor ${address} as ${as};`,
    multihop === undefined ? '  direct;' : `  multihop ${multihop};`,
    ...(passwordFile === undefined ? [] : [{ passwordFile }]),
    '  hold time 9;',
    '  connect retry time 5;',
    '  connect delay time 1;',
    '  error wait time 5, 30;',
    '  graceful restart on;',
    '  ipv4 { table plow4; import none; export where source = RTS_DEVICE; };',
    '}',
  ];
}
