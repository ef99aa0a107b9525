import {
  hostAddressMistake,
  inSubnet,
  parseCidr,
  parseIpv4,
  reservedInSubnet,
  subnetText,
} from '../values/ipv4.ts';
import type { ConfigPath } from '../machine.ts';
import type { Mistake } from '../yaml/mistake.ts';
import { isMap, valueAt } from '../yaml/raw-value.ts';
import { didYouMean } from '../../text/nearest.ts';
import { imagesMistakes } from './image-rules.ts';
import { hostNameMistake } from './schema.ts';
import { quote } from '../../text/quote.ts';

/** Rules of the settings file that span keys and values: a gateway is a host of its subnet, and the like. */
export function settingsMistakes(file: unknown): readonly Mistake[] {
  const hosts = valueAt(file, 'hosts');
  const names = isMap(hosts) ? Object.keys(hosts) : [];
  return [
    ...gatewaysIn(file, []),
    ...names.flatMap((name) => gatewaysIn(valueAt(hosts, name), ['hosts', name])),
    ...names.flatMap(hostNameMistakes),
    ...hostMistakes(file, names),
    ...imagesMistakes(valueAt(file, 'images')),
  ];
}

function hostNameMistakes(name: string): readonly Mistake[] {
  const text = hostNameMistake(name);
  return text === undefined ? [] : [{ path: ['hosts', name], text, atKey: true }];
}

/** Which hypervisor is meant must be said once. */
function hostMistakes(file: unknown, names: readonly string[]): readonly Mistake[] {
  const host = valueAt(file, 'host');
  if (typeof host !== 'string') return [];
  const both = valueAt(file, 'connect') === undefined ? [] : ['beside connect: one of them is enough'];
  const unknown = names.includes(host)
    ? []
    : [`there is no ${quote(host)} in hosts${didYouMean(host, names)}`];
  return [...both, ...unknown].map((text) => ({ path: ['host'], text }));
}

function gatewaysIn(map: unknown, at: ConfigPath): readonly Mistake[] {
  const gateways = valueAt(valueAt(map, 'defaults'), 'gateways');
  return isMap(gateways)
    ? Object.entries(gateways).flatMap(([subnet, value]) => gatewayMistakes(subnet, value, at))
    : [];
}

function gatewayMistakes(subnet: string, gateway: unknown, at: ConfigPath): readonly Mistake[] {
  const path: ConfigPath = [...at, 'defaults', 'gateways', subnet];
  const text = subnetMistake(subnet);
  if (text !== undefined) {
    return [{ path, text, atKey: true }];
  }
  const cidr = parseCidr(subnet);
  const address = typeof gateway === 'string' ? parseIpv4(gateway) : undefined;
  if (cidr === undefined || address === undefined || hostAddressMistake(String(gateway)) !== undefined) {
    return [];
  }
  if (!inSubnet(address, cidr)) {
    return [{ path, text: `${String(gateway)} is outside ${subnet}` }];
  }
  const reserved = reservedInSubnet(address, cidr);
  return reserved === undefined ? [] : [{ path, text: `${String(gateway)} ${reserved}` }];
}

/** Why a text is not a subnet, or undefined if it is. */
function subnetMistake(text: string): string | undefined {
  if (text.includes(':')) {
    return 'IPv6 is not supported: plow configures IPv4 throughout';
  }
  const cidr = parseCidr(text);
  if (cidr === undefined) {
    return `must be a subnet with its prefix length, such as 10.20.30.0/24, got ${quote(text)}`;
  }
  const subnet = subnetText(cidr);
  return subnet === text ? undefined : `is an address in a subnet, not a subnet: write ${subnet}`;
}
