import * as z from 'zod/mini';
import { _default as withDefault } from 'zod/mini';

import { addressMistake, hostAddressMistake, hostCidrMistake } from '../../values/ipv4.ts';
import { LEAST_MTU, MOST_MTU } from '../../values/mtu.ts';
import { macMistake } from '../../values/mac.ts';
import { bridgeMistake } from '../../values/names.ts';
import { ROUTED_GATEWAY } from '../../values/tap.ts';
import { INTERFACE_MODES } from '../../machine.ts';
import { described, ruled, wholeNumber } from '../../schema/words.ts';

/** IEEE 802.1Q: 4095 is reserved. */
const MOST_VLAN = 4094;
/** Four dotted numbers; the rule is stricter. */
const DOTTED = '[0-9]{1,3}(\\.[0-9]{1,3}){3}';

export const networkInterface = z.strictObject({
  mode: described(
    'bridge: plugged into a bridge of the hypervisor. ethernet: a routed /32, without a bridge: the hypervisor has a route to its tap device, which BGP can announce. Default: bridge.',
    z.optional(z.enum(INTERFACE_MODES)),
  ),
  ip: described(
    'IPv4 address with its prefix length. Unless mac is given, the MAC address is be:ef: and the four octets of it.',
    ruled(hostCidrMistake, `^${DOTTED}/[0-9]{1,2}$`),
    { examples: ['10.20.30.40/24'] },
  ),
  gateway: described(
    `IPv4 address of the gateway, which a bridged interface with the default route needs; of a routed one it is ${ROUTED_GATEWAY}.`,
    z.optional(ruled(hostAddressMistake, `^${DOTTED}$`)),
    { examples: ['10.20.30.1'] },
  ),
  bridge: described(
    'Bridge on the hypervisor to attach to, which a bridged interface needs.',
    z.optional(ruled(bridgeMistake)),
    { examples: ['br0'] },
  ),
  vlan: described(
    'VLAN of a bridged interface: the guest sees no tag, and its frames have this one on the bridge, which must filter VLANs (vlan_filtering 1). Needs libvirt 11.0 or later.',
    z.optional(wholeNumber(1, MOST_VLAN, 'the last VLAN that there is')),
    { examples: [100] },
  ),
  dns_servers: described(
    'IPv4 addresses of DNS servers.',
    withDefault(z.array(ruled(addressMistake, `^${DOTTED}$`)), []),
    { examples: [['1.1.1.1', '9.9.9.9']] },
  ),
  default_route: described(
    'Send what has no other route to the gateway. At most one interface can; unless said, it is the first, if no other says true.',
    z.optional(z.boolean()),
  ),
  mac: described(
    'MAC address instead of the one made from the IP address; made lower case.',
    z.optional(ruled(macMistake, '^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$').check(z.toLowerCase())),
    { examples: ['52:54:00:12:34:56'] },
  ),
  mtu: described(
    'Largest packet in bytes, in the guest and on its tap device; the bridge and all behind it must carry it.',
    z.optional(wholeNumber(LEAST_MTU, MOST_MTU, 'the longest IPv4 packet')),
    { examples: [9000] },
  ),
  boot: described(
    'network: the firmware tries to boot over this interface (PXE) before it tries the boot disk, at every start. Of several the first comes first.',
    z.optional(z.enum(['network'])),
  ),
});
