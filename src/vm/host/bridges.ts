import { didYouMean } from '../../text/nearest.ts';
import { inSubnet, parseCidr, parseIpv4, subnetText } from '../../config/values/ipv4.ts';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { readInterface } from '../../libvirt-xml/read/host-interface.ts';
import type { InterfaceFacts } from '../../libvirt-xml/read/host-interface.ts';
import type { HostInterface, InterfaceLink } from '../../hypervisor/host.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import type { HostProblem } from '../host-problem.ts';

const MOST_NAMES = 10;
/** States of a port through which nothing passes: `operstate` in the kernel's sysfs-class-net. */
const WITHOUT_LINK = new Set(['down', 'lowerlayerdown', 'notpresent']);

/** An interface of the host, with what its document and the host itself say of it. */
export interface Bridge extends InterfaceFacts {
  readonly name: string;
  readonly link: InterfaceLink | undefined;
}

export function toBridge({ name, xml, link, addresses }: HostInterface): Bridge {
  const facts = readInterface(xml);
  return { ...facts, name, link, addresses: addresses ?? facts.addresses };
}

export function bridgesAmong(interfaces: readonly HostInterface[]): readonly Bridge[] {
  return interfaces
    .map(toBridge)
    .filter(({ type }) => type === 'bridge')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Why a VM on a bridge reaches nothing, or nobody outside, where that is certain. An idle bridge may be meant
 * to be alone, and libvirt calls it inactive like one that is down: nothing is said of it.
 */
export function bridgeProblem({ name, link, ports }: Bridge): HostProblem | undefined {
  const down = link === 'down' || (link === 'inactive' && ports.some(({ state }) => state === 'up'));
  if (down) {
    return {
      text: `bridge '${name}' is down, and a VM on it reaches nothing`,
      repair: `ip link set ${shellQuote(name)} up`,
    };
  }
  const [port] = ports;
  if (port === undefined || !ports.every(({ state }) => WITHOUT_LINK.has(state ?? ''))) return undefined;
  const names = ports.map((one) => one.name).join(', ');
  return {
    text: `no port of bridge '${name}' has a link (${names}), and a VM on it reaches nobody outside the hypervisor`,
    repair: `ip link set ${shellQuote(port.name)} up`,
  };
}

/**
 * Tells of a gateway that the host does not see on the bridge: a bridge without addresses says nothing about
 * it.
 */
export function gatewayTrouble({ name, addresses }: Bridge, gateway: string | undefined): string | undefined {
  const subnets = addresses.map(parseCidr).filter((cidr) => cidr !== undefined);
  const address = gateway === undefined ? undefined : parseIpv4(gateway);
  if (address === undefined || subnets.length === 0) return undefined;
  if (subnets.some((cidr) => inSubnet(address, cidr))) return undefined;
  return `bridge '${name}' is in ${subnets.map(subnetText).join(' and ')}, and the gateway ${gateway} is not`;
}

/** `; did you mean 'br0'? (there: br0, br1)` @param bridges undefined where they could not be listed */
export function whichBridges(name: string, bridges: readonly Bridge[] | undefined): string {
  if (bridges === undefined) return '';
  if (bridges.length === 0) return ' (it has no bridge)';
  const names = bridges.map((bridge) => bridge.name);
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  const there = `(there: ${names.slice(0, MOST_NAMES).join(', ')}${more})`;
  return `${didYouMean(name, names)} ${there}`;
}

/** Whether libvirt answered that it cannot tell. Other errors are of the connection, or bugs. */
export function isRefusal(error: unknown): error is HypervisorError {
  return error instanceof HypervisorError && error.reason !== 'disconnected';
}

export function bridgesUnknown({ reason, message }: HypervisorError): string {
  const why = reason === 'unsupported' ? 'no interface driver' : message;
  return `this hypervisor cannot tell which bridges it has (${why})`;
}
