import type { NetworkInterface } from '../../config/machine.ts';
import type { NodeFile } from './files.ts';

const ONLY_ROOT = 0o600;
const READABLE = 0o644;

/**
 * A file for each interface, which is found by its MAC address: its name is the guest's own business.
 * NetworkManager passes over one that others may read.
 * https://networkmanager.dev/docs/api/latest/nm-settings-keyfile.html
 */
export function networkManagerFiles(interfaces: readonly NetworkInterface[]): readonly NodeFile[] {
  return interfaces.map((one, index) => ({
    path: `/etc/NetworkManager/system-connections/eth${index}.nmconnection`,
    mode: ONLY_ROOT,
    text: keyfile(one, `eth${index}`),
  }));
}

function keyfile(one: NetworkInterface, id: string): string {
  const { mac, mtu, address, prefixLength, gateway, defaultRoute, dnsServers } = one;
  return lines([
    '[connection]',
    `id=${id}`,
    'type=ethernet',
    '',
    '[ethernet]',
    `mac-address=${mac}`,
    ...(mtu === undefined ? [] : [`mtu=${mtu}`]),
    '',
    '[ipv4]',
    'method=manual',
    `address1=${address}/${prefixLength}${defaultRoute ? `,${gateway}` : ''}`,
    ...(dnsServers.length === 0 ? [] : [`dns=${dnsServers.map((server) => `${server};`).join('')}`]),
    ...(defaultRoute ? [] : ['never-default=true']),
    '',
    '[ipv6]',
    'method=auto',
  ]);
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.network.html */
export function networkdFiles(interfaces: readonly NetworkInterface[]): readonly NodeFile[] {
  return interfaces.map((one, index) => ({
    path: `/etc/systemd/network/10-eth${index}.network`,
    mode: READABLE,
    text: network(one),
  }));
}

function network(one: NetworkInterface): string {
  const { mac, mtu, address, prefixLength, gateway, gatewayInSubnet, defaultRoute, dnsServers } = one;
  return lines([
    '[Match]',
    `MACAddress=${mac}`,
    ...(mtu === undefined ? [] : ['', '[Link]', `MTUBytes=${mtu}`]),
    '',
    '[Network]',
    `Address=${address}/${prefixLength}`,
    ...dnsServers.map((server) => `DNS=${server}`),
    ...(defaultRoute
      ? ['', '[Route]', `Gateway=${gateway}`, ...(gatewayInSubnet ? [] : ['GatewayOnLink=yes'])]
      : []),
  ]);
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
