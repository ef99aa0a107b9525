/** What lines of a console say of a guest's network. */

export interface ToldAddress {
  readonly address: string;
  /** Lower case. */
  readonly mac: string;
}

/** `ci-info: |  eth0  | True |  10.77.0.100  | 255.255.255.0 | global | be:ef:0a:4d:00:64 |` */
const TOLD =
  /ci-info: \| {1,20}\S{1,16} {1,20}\| {1,5}True {1,5}\| {1,60}(?<address>[0-9a-f.:]{2,45})(?:\/\d{1,3})? {1,60}\| .{1,60}\| global \| (?<mac>[0-9a-f:]{17}) \|/u;
const DOWN = /ci-info: \| {1,20}(?<name>\S{1,16}) {1,20}\| {1,5}False {1,5}\|/u;

/** An address that cloud-init lists once the network should be up. */
export function addressIn(line: string): ToldAddress | undefined {
  const { address, mac } = TOLD.exec(line)?.groups ?? {};
  return address === undefined || mac === undefined ? undefined : { address, mac };
}

/** `/etc/netplan/50-cloud-init.yaml:10:13: Error in network definition: ...` */
const NETPLAN = /[\w./-]{1,80}:\d{1,6}:\d{1,6}: Error in network definition: .{1,200}/u;
/** systemd, for networkd, ifupdown and NetworkManager, with and without names of units. */
const NOT_UP =
  /Failed to start .{0,40}(?:networkd-wait|Network to be Conf|[Rr]aise network|networking\.service|NetworkManager-wait)|Failed to start systemd-ne…Wait for Network/u;
/** In this stage cloud-init writes the network's configuration. */
const LOCAL_STAGE = /failed stage init-local/u;

export interface NetworkFlaw {
  readonly words: string;
  /** Else something may yet say why, or that all is well. */
  readonly isProof: boolean;
}

/** What keeps the network down, as far as a line tells. */
export function networkFlawIn(line: string): NetworkFlaw | undefined {
  const refused = NETPLAN.exec(line)?.[0];
  if (refused !== undefined) return { words: refused, isProof: true };
  const down = DOWN.exec(line)?.groups?.['name'];
  if (down !== undefined && down !== 'lo') return { words: `${down} is down`, isProof: true };
  if (NOT_UP.test(line) || LOCAL_STAGE.test(line)) return { words: line, isProof: false };
  return undefined;
}

/** The first that was said, and of proofs the first. */
export function worse(
  known: NetworkFlaw | undefined,
  found: NetworkFlaw | undefined,
): NetworkFlaw | undefined {
  if (found === undefined || known?.isProof === true) return known;
  return known === undefined || found.isProof ? found : known;
}
