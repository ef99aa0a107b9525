import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNetworkConfig } from '../../../../src/provision/cloud-init/read-network-config.ts';

const MAC = 'be:ef:0a:14:1e:28';

const ETH0 = {
  name: 'eth0',
  mac: MAC,
  ip: '10.20.30.40/24',
  gateway: '10.20.30.1',
  hasDefaultRoute: true,
  dnsServers: ['8.8.8.8', '1.1.1.1'],
  mtu: undefined,
};

const VERSION_2 = `
version: 2
ethernets:
  eth0:
    match: {macaddress: "${MAC.toUpperCase()}"}
    addresses: [10.20.30.40/24]
    routes:
      - {to: default, via: 10.20.30.1}
    nameservers: {addresses: [8.8.8.8, 1.1.1.1]}
`;

const VERSION_1 = `
version: 1
config:
  - type: physical
    name: eth0
    mac_address: "${MAC}"
    subnets:
      - type: static
        address: 10.20.30.40
        netmask: 255.255.255.0
        gateway: 10.20.30.1
        dns_nameservers: [8.8.8.8]
  - type: nameserver
    address: [1.1.1.1]
`;

function version2(lines: string): ReturnType<typeof readNetworkConfig> {
  return readNetworkConfig(`version: 2\nethernets:\n  eth0: ${lines}\n`);
}

describe('network-config', () => {
  it.each([
    ['version 2', VERSION_2],
    ['version 2 below network', `network: ${VERSION_2.replaceAll('\n', '\n  ')}`],
    ['version 2 with gateway4', VERSION_2.replace(/routes:\n.*\n/u, 'gateway4: 10.20.30.1\n')],
    ['version 2 with all of IPv4', VERSION_2.replace('to: default', 'to: 0.0.0.0/0, on-link: true')],
    ['version 1', VERSION_1],
    [
      'version 1 with a prefix',
      VERSION_1.replace('10.20.30.40\n', '10.20.30.40/24\n').replace(/ *netmask.*\n/u, ''),
    ],
    [
      'version 1 with a route',
      VERSION_1.replace(
        'gateway: 10.20.30.1',
        'routes: [{destination: 0.0.0.0, netmask: 0.0.0.0, gateway: 10.20.30.1}]',
      ),
    ],
  ])('of %s is read whole', (_, document) => {
    expect(readNetworkConfig(document)).toStrictEqual({ interfaces: [ETH0], unread: [] });
  });

  it('may go by names, and have no default route', () => {
    const facts = version2('{addresses: [10.0.0.2/8], mtu: 9000, dhcp4: no}');
    const entry = { ...ETH0, mac: undefined, ip: '10.0.0.2/8', gateway: undefined, hasDefaultRoute: false };
    expect(facts).toStrictEqual({ interfaces: [{ ...entry, dnsServers: [], mtu: 9000 }], unread: [] });
  });

  it.each([
    ['{dhcp4: true}', ['ethernets.eth0.dhcp4']],
    [
      '{addresses: [10.0.0.2/8, 10.0.0.3/8, "fd00::1/64"]}',
      ['ethernets.eth0.addresses[2]', 'ethernets.eth0.addresses (10.0.0.3/8)'],
    ],
    ['{routes: [{to: 10.9.0.0/16, via: 10.0.0.1}]}', ['ethernets.eth0.routes[0]']],
    ['{routes: [{to: default, via: 10.0.0.1, metric: 5}]}', ['ethernets.eth0.routes[0]']],
    ['{set-name: lan}', ['ethernets.eth0.set-name']],
    ['{nameservers: {search: [a]}}', ['ethernets.eth0.nameservers.search']],
    ['{match: {driver: x}}', ['ethernets.eth0.match.driver']],
  ])('names what plow has no words for: %s', (lines, unread) => {
    expect(version2(lines)?.unread).toStrictEqual(unread);
  });

  it('names it in version 1 too', () => {
    const document = `version: 1\nconfig:\n- {type: vlan, name: a}\n- {type: physical, name: b, subnets: [{type: dhcp}, {type: static, address: 1.1.1.2/8, dns_search: x}]}`;
    expect(readNetworkConfig(document)?.unread).toStrictEqual([
      'config[0]',
      'config[1].subnets[0]',
      'config[1].subnets[1].dns_search',
    ]);
  });

  it.each(['', 'version: 3', '[', 'a: 1', '- 1', 'version: 2\n---\n'])(
    'that is none is undefined: %j',
    (text) => {
      expect(readNetworkConfig(text)).toBeUndefined();
    },
  );

  it('never makes a reader fail', () => {
    const value = fc.jsonValue({ maxDepth: 5 });
    fc.assert(
      fc.property(fc.constantFrom(1, 2), value, (version, content) => {
        const document = JSON.stringify({ version, ethernets: content, config: content });
        expect(readNetworkConfig(document)).toBeDefined();
      }),
    );
  });
});
