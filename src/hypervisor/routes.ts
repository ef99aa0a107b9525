/** Routed VMs, as the kernel and BIRD of the hypervisor have them. */
export interface Routes {
  /** Undefined where the hypervisor is another machine, or may be: libvirt tells none of it. */
  readonly routes: RouteFacts | undefined;
}

/** What can be told, and done, only on the machine itself; some seconds at most are waited for each. */
export interface RouteFacts {
  /** Those of routed VMs, whoever made them; undefined where it cannot be told. */
  taps(): Promise<readonly Tap[] | undefined>;
  /** IPv4 routes to single addresses; undefined where it cannot be told. */
  hostRoutes(): Promise<readonly HostRoute[] | undefined>;
  /** `net.ipv4.ip_forward`; undefined where it cannot be told. */
  forwards(): Promise<boolean | undefined>;
  /** `net.ipv4.conf.all.rp_filter`; undefined where it cannot be told. */
  filterOfAll(): Promise<number | undefined>;
  /** @param withinMs else some seconds */
  /** Rules of nftables that are loaded, of tables with their families; undefined where it cannot be told. */
  guards(tables: readonly string[]): Promise<string | undefined>;
  bird(withinMs?: number): Promise<Bird>;
  /** Takes what routes an address to a tap. Harmless where there is no such thing. */
  withdraw(ends: TapEnds): Promise<Changed>;
  /** Gives it back. Harmless where it is there. */
  giveBack(ends: TapEnds): Promise<Changed>;
  /**
   * Has a protocol of BIRD end or begin to work, until it is told otherwise or BIRD starts anew.
   * @returns as for an address
   */
  switchProtocol(name: string, on: boolean): Promise<Changed>;
  /** Writes a file that others may read, or removes it. */
  keepFile(path: string, text: string | undefined): Promise<Changed>;
}

/** `done`, or why not, in the words of whoever refused. */
export type Changed = 'done' | { readonly why: string };

/**
 * What routes an address to a tap. `address`: the tap's own, with that of the guest at its other end, of
 * which the kernel makes the route. `route`: one beside an address of the tap, as others make it.
 */
export interface TapEnds {
  readonly by: 'address' | 'route';
  readonly tap: string;
  /** Of the hypervisor. */
  readonly local: string;
  /** Of the guest. */
  readonly peer: string;
}

/** A tap of a routed VM: `vm` and eight hex digits. */
export interface Tap {
  readonly name: string;
  /** Whether something, as a QEMU, has it open; undefined where it cannot be told. */
  readonly carrier: boolean | undefined;
  /** IPv4 addresses, each with what is at the other end. */
  readonly addresses: readonly { readonly local: string; readonly peer: string | undefined }[];
  /** `rp_filter` of its own; undefined where it cannot be told. */
  readonly filter: number | undefined;
  /** Whether it has IPv6; undefined where it cannot be told. */
  readonly ipv6: boolean | undefined;
}

/** A route of the kernel to one address. */
export interface HostRoute {
  readonly address: string;
  /** Undefined for one without, such as a blackhole. */
  readonly device: string | undefined;
}

/**
 * `absent`: not installed. `down`: it does not run. `silent`: it may run, and gives no answer. `denied`:
 * whoever runs plow may not ask it.
 */
export type Bird =
  | { readonly state: 'absent' | 'down' | 'silent' | 'denied'; readonly why: string }
  | ({ readonly state: 'up' } & BirdFacts);

export interface BirdFacts {
  /** `2.0.12` */
  readonly version: string;
  readonly protocols: readonly BirdProtocol[];
  /** Routes to single IPv4 addresses, of all tables. */
  readonly routes: readonly BirdRoute[];
  readonly sessions: readonly BgpSession[];
}

export interface BirdProtocol {
  readonly name: string;
  /** `Direct`, `BGP`, ... */
  readonly type: string;
  /** `up`, `start`, `down`, ... */
  readonly state: string;
  /** For people: of BGP its state, or what went wrong. */
  readonly info: string;
}

export interface BirdRoute {
  readonly address: string;
  /** Undefined for one without, such as a blackhole. */
  readonly device: string | undefined;
  /** Name of the one that it comes from. */
  readonly protocol: string;
}

/** A BGP neighbour. */
export interface BgpSession {
  /** Of its protocol. */
  readonly name: string;
  readonly neighbor: string | undefined;
  readonly neighborAs: number | undefined;
  readonly isEstablished: boolean;
  /** `Established`, `Active: Socket: Connection refused`, `down` ... */
  readonly state: string;
  /** Routes to single IPv4 addresses that it is told; undefined where they could not be had. */
  readonly exports: readonly BirdRoute[] | undefined;
}
