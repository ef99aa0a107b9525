import * as z from 'zod/mini';

import type { ConfigPath } from '../machine.ts';
import { described, ruled, wholeNumber } from '../schema/words.ts';
import { hostAddressMistake } from '../values/ipv4.ts';
import { quote, show } from '../../text/quote.ts';
import { prefixMistake } from './prefix.ts';

/** RFC 6793: four bytes. */
const LARGEST_AS = 4_294_967_295;
/** That of IP's time to live. */
const MOST_HOPS = 255;

/** RFC 7607, RFC 6793 and RFC 7300: numbers that no network has. */
const RESERVED_AS: ReadonlySet<number> = new Set([23_456, 65_535, LARGEST_AS]);

function asNumber(): z.ZodMiniNumberFormat {
  const number = wholeNumber(1, LARGEST_AS, 'the largest number of an autonomous system');
  return number.check(({ value, issues }) => {
    if (RESERVED_AS.has(value))
      issues.push({ code: 'custom', message: `${value} is reserved, no network has it`, input: value });
  });
}

/** Not repeated: a password may have been written where its file should stand. */
function passwordFileMistake(text: string): string | undefined {
  if (/\p{Cc}/u.test(text)) return 'a path cannot hold control characters';
  return text.startsWith('/')
    ? undefined
    : 'must be the absolute path of a file with the password, starting with / (what was found is not shown)';
}

/** Why a text cannot be an address of BGP, or undefined if it can. */
function peerMistake(text: string): string | undefined {
  const mistake = hostAddressMistake(text);
  if (mistake !== undefined || !text.startsWith('169.254.')) return mistake;
  return `${text} is a link-local address, of which each network has its own, got ${quote(text)}`;
}

/** As the kernel has it, without what nftables would take for something else. */
function interfaceMistake(text: string): string | undefined {
  return /^[\w.-]{1,15}$/u.test(text) && text !== '.' && text !== '..'
    ? undefined
    : `must be the name of an interface, such as eth0 or bond0.100, got ${quote(text)}`;
}

const neighbor = z.strictObject({
  address: described('Address of the router that is told of the VMs.', ruled(peerMistake)),
  as: described('Number of its autonomous system.', asNumber()),
  multihop: described(
    'How many hops away it may be. Without it the router is on the same network as the hypervisor.',
    z.optional(wholeNumber(1, MOST_HOPS, 'as many as an IP packet can take')),
  ),
  password_file: described(
    'File on the hypervisor with the password of the session (TCP MD5, RFC 2385) in its only line; it belongs to root and nobody else may read it.',
    z.optional(ruled(passwordFileMistake)),
  ),
});

const bgp = z.strictObject({
  local_as: described('Number of the autonomous system of this hypervisor.', asNumber()),
  address: described(
    "The hypervisor's own address: sessions come from it, and it is the id of the router.",
    ruled(peerMistake),
  ),
  neighbors: described('Routers that are told of the VMs.', z.array(neighbor).check(z.minLength(1))),
});

/** The file that says which addresses routed VMs of a hypervisor may have, and who is told of them. */
export const networkFile = z.strictObject(
  {
    prefixes: described(
      'Subnets whose addresses routed VMs of this hypervisor may have. Nothing else is announced.',
      z.array(ruled(prefixMistake)).check(z.minLength(1)),
      { examples: [['10.55.0.0/16']] },
    ),
    bgp: described(
      'Sessions of BIRD. Without it plow leaves BIRD alone: somebody else has it announce the addresses.',
      z.optional(bgp),
    ),
    isolate: described(
      'Guests of routed interfaces reach the uplinks only: not each other on this host, nothing else that it is connected to, and of the host itself ping alone.',
      z.optional(z.boolean()),
      { default: false },
    ),
    uplinks: described(
      'With isolate: the interfaces of the host through which guests reach others. Without it those of the default route, as setup finds it.',
      z.optional(z.array(ruled(interfaceMistake)).check(z.minLength(1))),
      { examples: [['eth0', 'eth1']] },
    ),
  },
  {
    error: ({ code, input }) =>
      code === 'invalid_type' ? `expected a map with the key prefixes, found ${show(input)}` : undefined,
  },
);

export type NetworkValues = z.infer<typeof networkFile>;

/** The keys that a map at this place of the file may have. */
export function networkKeys(path: ConfigPath): readonly string[] {
  const [first] = path;
  if (first === undefined) return Object.keys(networkFile.shape);
  return Object.keys(path.length === 1 ? bgp.shape : neighbor.shape);
}

/** The parts of the file that know a key: for one that was indented wrongly. */
export function partsWith(key: string): readonly string[] {
  return [
    ...(Object.hasOwn(bgp.shape, key) ? ['bgp'] : []),
    ...(Object.hasOwn(neighbor.shape, key) ? ['bgp.neighbors[]'] : []),
  ];
}
