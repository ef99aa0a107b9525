import { inSubnet } from '../values/ipv4.ts';

/** Which addresses routed VMs of a hypervisor may have, and who is told of them: a file without mistakes. */
export interface NetworkFile {
  /** At least one; none overlaps another. */
  readonly prefixes: readonly Prefix[];
  /** Undefined: BIRD is left alone. */
  readonly bgp: Bgp | undefined;
  /** Guests reach the uplinks only: not each other on this host, and of the host itself ping alone. */
  readonly isolate: boolean;
  /** Interfaces of the host behind which all else is; none: those of the default route. */
  readonly uplinks: readonly string[];
}

/** A subnet whose addresses routed VMs may have. */
export interface Prefix {
  /** `10.55.0.0/16` */
  readonly text: string;
  /** Its first address as an unsigned number of 32 bits. */
  readonly address: number;
  readonly length: number;
}

/** How BIRD announces the addresses. */
export interface Bgp {
  readonly localAs: number;
  /** The hypervisor's own address: what sessions come from, and the router's id. */
  readonly address: string;
  /** At least one. */
  readonly neighbors: readonly Neighbor[];
}

/** A router that is told of the addresses. */
export interface Neighbor {
  readonly address: string;
  readonly as: number;
  /** How many hops away it may be; undefined: on the same network. */
  readonly multihop: number | undefined;
  /** Absolute path of the file with the password of the session; undefined: it has none. */
  readonly passwordFile: string | undefined;
}

/** Where the network file of a hypervisor is. */
export const NETWORK_FILE = '/etc/plow/network.yaml';

/** Whether an address, as a number, lies in a prefix. */
export function isInPrefix(address: number, prefix: Prefix): boolean {
  return inSubnet(address, { ...prefix, prefixLength: prefix.length });
}
