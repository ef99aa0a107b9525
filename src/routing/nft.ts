import { OWN_MARK } from './own.ts';
import { TABLE } from './places.ts';

const ISOLATION = `
  # To the uplink only: not to each other on this host, and to the host itself ping alone.
  chain between {
    type filter hook forward priority filter - 1; policy accept;
    iifname @taps oifname @taps drop
  }
  chain host {
    type filter hook input priority filter - 1; policy accept;
    iifname @taps ct state established,related accept
    iifname @taps icmp type echo-request accept
    iifname @taps drop
  }`;

/** The rules for taps of routed interfaces. The hook loads them, and fills the set. */
export function tapRules(isolate: boolean): string {
  return `${OWN_MARK}
table ${TABLE} {
  set taps {
    type ifname
  }
  # What a guest sends must come from the address that is routed to it.
  chain spoofed {
    type filter hook prerouting priority raw; policy accept;
    iifname @taps fib saddr . iif oif missing drop
  }${isolate ? ISOLATION : ''}
}
`;
}
