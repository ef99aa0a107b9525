import type { NetworkInterface } from '../../config/machine.ts';
import { toYaml } from './to-yaml.ts';

/**
 * Quad-zero and not `default`: cloud-init 22.4 (Debian 12) refuses the word in all renderers but netplan's.
 */
const EVERYWHERE = '0.0.0.0/0';

/**
 * The network-config document, version 2: interfaces eth0, eth1, ... found by their MAC address and
 * renamed, so that renderers that go by name configure the right one too.
 * https://cloudinit.readthedocs.io/en/latest/reference/network-config-format-v2.html
 */
export function networkConfig(interfaces: readonly NetworkInterface[]): string {
  const ethernets = Object.fromEntries(
    interfaces.map((networkInterface, index) => [`eth${index}`, ethernet(networkInterface, `eth${index}`)]),
  );
  return toYaml({ version: 2, ethernets });
}

function ethernet(networkInterface: NetworkInterface, name: string): object {
  const { mac, address, prefixLength, gateway, gatewayInSubnet, dnsServers, defaultRoute, mtu } =
    networkInterface;
  return {
    match: { macaddress: mac },
    'set-name': name,
    ...(mtu === undefined ? {} : { mtu }),
    addresses: [`${address}/${prefixLength}`],
    ...(defaultRoute
      ? { routes: [{ to: EVERYWHERE, via: gateway, ...(gatewayInSubnet ? {} : { 'on-link': true }) }] }
      : {}),
    ...(dnsServers.length === 0 ? {} : { nameservers: { addresses: dnsServers } }),
  };
}
