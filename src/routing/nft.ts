import { OWN_MARK } from './own.ts';
import { ARP_TABLE, TABLE } from './places.ts';

/**
 * Whether guests reach the uplinks only, and which these are. `default-route`: whatever devices that has as
 * setup looks.
 */
export type Isolation = 'none' | 'default-route' | readonly string[];

/** Stands in the rules where setup writes the devices of the default route. */
export const DEFAULT_UPLINKS = 'THE_DEFAULT_ROUTE';

/** Before any DNAT of the host's: what is sent to its ports ends nowhere behind it. */
const ISOLATION = `
  # To the uplinks only: not to each other on this host, nor to what else it is connected to.
  chain between {
    type filter hook forward priority filter - 1; policy accept;
    iifname @taps oifname @taps drop
    iifname @taps ct state established,related accept
    iifname @taps oifname != $uplinks drop
  }
  # And to the host itself ping alone, also where it hands a port on to others.
  chain ports {
    type filter hook prerouting priority mangle; policy accept;
    iifname @taps fib daddr type local ct state new icmp type echo-request accept
    iifname @taps fib daddr type local ct state new drop
  }
  chain host {
    type filter hook input priority filter - 1; policy accept;
    iifname @taps ct state established,related accept
    iifname @taps icmp type echo-request accept
    iifname @taps drop
  }`;

/** The rules for taps of routed interfaces. The hook loads them, and fills the sets. */
export function tapRules(isolation: Isolation): string {
  return `${OWN_MARK}
${uplinksLine(isolation)}table ${TABLE} {
  set taps {
    type ifname
  }
  # What a guest sends must come from the address that is routed to it.
  chain spoofed {
    type filter hook prerouting priority raw; policy accept;
    iifname @taps fib saddr . iif oif missing drop
  }${isolation === 'none' ? '' : ISOLATION}
}
table ${ARP_TABLE} {
  set taps {
    type ifname
  }
  set senders {
    type ifname . ipv4_addr
  }
  # Nor may it fill the host's table of neighbours with others. 0.0.0.0 asks whether an address is taken.
  chain spoofed {
    type filter hook input priority filter; policy accept;
    iifname @taps arp saddr ip != 0.0.0.0 iifname . arp saddr ip != @senders drop
  }
}
`;
}

function uplinksLine(isolation: Isolation): string {
  if (isolation === 'none') return '';
  const names =
    isolation === 'default-route' ? DEFAULT_UPLINKS : isolation.map((one) => `"${one}"`).join(', ');
  return `define uplinks = { ${names} }\n`;
}

/** What a network file says of it. */
export function isolationOf({
  isolate,
  uplinks,
}: {
  readonly isolate: boolean;
  readonly uplinks: readonly string[];
}): Isolation {
  if (!isolate) return 'none';
  return uplinks.length === 0 ? 'default-route' : uplinks;
}
