import { readForeignYaml } from '../../config/yaml/foreign.ts';
import { addressMistake, hostAddressMistake, hostCidrMistake, parseIpv4 } from '../../config/values/ipv4.ts';
import { macMistake } from '../../config/values/mac.ts';
import { isMap, valueAt } from '../../config/yaml/raw-value.ts';
import { Reading, text, truth, wholeNumber } from './reading.ts';

/** What a seed says of an interface, as far as a VM file can. */
export interface SeedInterface {
  readonly name: string;
  /** Lower case; undefined where it goes by its name. */
  readonly mac: string | undefined;
  /** With its prefix length. */
  readonly ip: string | undefined;
  readonly gateway: string | undefined;
  readonly hasDefaultRoute: boolean;
  readonly dnsServers: readonly string[];
  readonly mtu: number | undefined;
}

export interface NetworkFacts {
  readonly interfaces: readonly SeedInterface[];
  /** Keys that a VM file has no words for, as `ethernets.eth0.dhcp4`. */
  readonly unread: readonly string[];
}

/** Version 1 or 2. @returns undefined where it is neither, or cannot be read */
export function readNetworkConfig(document: string): NetworkFacts | undefined {
  const value = readForeignYaml(document);
  const content = isMap(value) && isMap(value['network']) ? value['network'] : value;
  const unread: string[] = [];
  const reading = new Reading(content, '', unread);
  const version = reading.take('version', wholeNumber);
  if (version !== 1 && version !== 2) return undefined;
  const interfaces = version === 2 ? readVersion2(reading, unread) : readVersion1(reading, unread);
  reading.end();
  return { interfaces, unread };
}

/** https://cloudinit.readthedocs.io/en/latest/reference/network-config-format-v2.html */
function readVersion2(reading: Reading, unread: string[]): readonly SeedInterface[] {
  const ethernets = reading.inside('ethernets');
  return ethernets.keys().map((name, index) => readEthernet(ethernets.inside(name), name, index, unread));
}

function readEthernet(ethernet: Reading, name: string, index: number, unread: string[]): SeedInterface {
  const match = ethernet.inside('match');
  const mac = match.take('macaddress', readMac);
  // plow gives names as well: eth0, eth1.
  const given = match.take('name', text());
  match.end();
  ethernet.skip('set-name', (value) => value === `eth${index}`);
  for (const key of ['dhcp4', 'dhcp6']) ethernet.skip(key, (value) => truth(value) === false);
  const addresses = onlyFirst(ethernet, 'addresses', readAddress, unread);
  const routes = ethernet.takeItems('routes', (route) => readRoute(route, ['to'], 'via'));
  const gateway =
    ethernet.take('gateway4', text(hostAddressMistake)) ?? onlyOne(routes, ethernet.at('routes'), unread);
  const nameservers = ethernet.inside('nameservers');
  const dnsServers = nameservers.takeItems('addresses', text(addressMistake));
  nameservers.end();
  const mtu = ethernet.take('mtu', wholeNumber);
  ethernet.end();
  return {
    name: given ?? name,
    mac,
    ip: addresses,
    gateway,
    hasDefaultRoute: gateway !== undefined,
    dnsServers,
    mtu,
  };
}

/** https://cloudinit.readthedocs.io/en/latest/reference/network-config-format-v1.html */
function readVersion1(reading: Reading, unread: string[]): readonly SeedInterface[] {
  const servers: string[] = [];
  const found = reading.takeItems('config', (item, path) => {
    const type = valueAt(item, 'type');
    if (type !== 'physical' && type !== 'nameserver') return undefined;
    const device = new Reading(item, path, unread);
    device.skip('type');
    const result = type === 'physical' ? readPhysical(device, path, unread) : readServers(device, servers);
    device.end();
    return result;
  });
  const interfaces = found.filter((one) => one !== 'nameserver');
  // Of no interface in particular; plow's are.
  return interfaces.map((one, index) =>
    index === 0 ? { ...one, dnsServers: [...one.dnsServers, ...servers] } : one,
  );
}

function readServers(device: Reading, servers: string[]): 'nameserver' {
  servers.push(...device.takeItems('address', text(addressMistake)));
  return 'nameserver';
}

function readPhysical(device: Reading, path: string, unread: string[]): SeedInterface {
  const name = device.take('name', text()) ?? '';
  const mac = device.take('mac_address', readMac);
  const mtu = device.take('mtu', wholeNumber);
  const subnets = device.takeItems('subnets', (item, at) => readSubnet(item, at, unread));
  for (const [index] of subnets.entries()) if (index > 0) unread.push(`${path}.subnets[${index}]`);
  const [subnet] = subnets;
  return {
    name,
    mac,
    mtu,
    ip: subnet?.ip,
    gateway: subnet?.gateway,
    hasDefaultRoute: subnet?.gateway !== undefined,
    dnsServers: subnet?.dnsServers ?? [],
  };
}

type Subnet = Pick<SeedInterface, 'ip' | 'gateway' | 'dnsServers'>;

function readSubnet(item: unknown, path: string, unread: string[]): Subnet | undefined {
  const type = valueAt(item, 'type');
  if (type !== 'static' && type !== 'static4') return undefined;
  const subnet = new Reading(item, path, unread);
  subnet.skip('type');
  const netmask = subnet.take('netmask', readNetmask);
  const ip = subnet.take('address', (value) =>
    readAddress(typeof value === 'string' && !value.includes('/') ? `${value}/${netmask ?? ''}` : value),
  );
  subnet.skip('control', (value) => value === 'auto');
  const routes = subnet.takeItems('routes', (route) =>
    readRoute(route, ['destination', 'network'], 'gateway'),
  );
  const gateway =
    subnet.take('gateway', text(hostAddressMistake)) ?? onlyOne(routes, subnet.at('routes'), unread);
  const dnsServers = subnet.takeItems('dns_nameservers', text(addressMistake));
  subnet.end();
  return { ip, gateway, dnsServers };
}

function readMac(value: unknown): string | undefined {
  return typeof value === 'string' && macMistake(value) === undefined ? value.toLowerCase() : undefined;
}

function readAddress(value: unknown): string | undefined {
  return typeof value === 'string' && hostCidrMistake(value) === undefined ? value : undefined;
}

/** `255.255.255.0`, or a number of bits. */
function readNetmask(value: unknown): number | undefined {
  const mask = typeof value === 'string' ? parseIpv4(value) : undefined;
  if (mask === undefined) return wholeNumber(value);
  const bits = mask.toString(2).padStart(32, '0');
  return /^1*0*$/u.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

const EVERYWHERE: ReadonlySet<unknown> = new Set(['default', '0.0.0.0/0']);

/** The gateway of a default route that says nothing else. */
function readRoute(route: unknown, destinations: readonly string[], gatewayKey: string): string | undefined {
  if (!isMap(route)) return undefined;
  const known = new Set([...destinations, 'netmask', 'prefix', gatewayKey, 'on-link']);
  if (!Object.keys(route).every((key) => known.has(key))) return undefined;
  const to = destinations.map((key) => route[key]).find((one) => one !== undefined);
  const length = valueAt(route, 'netmask') ?? valueAt(route, 'prefix');
  const isDefault =
    EVERYWHERE.has(to) || (to === '0.0.0.0' && (length === 0 || length === '0.0.0.0' || length === '0'));
  return isDefault ? text(hostAddressMistake)(route[gatewayKey]) : undefined;
}

/** The first of several, of which a VM file has one; the others are named. */
function onlyOne(values: readonly string[], path: string, unread: string[]): string | undefined {
  unread.push(...values.slice(1).map((value) => `${path} (${value})`));
  return values[0];
}

function onlyFirst(
  reading: Reading,
  key: string,
  read: (value: unknown) => string | undefined,
  unread: string[],
): string | undefined {
  return onlyOne(reading.takeItems(key, read), reading.at(key), unread);
}
