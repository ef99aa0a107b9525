import { describe, expect, it } from 'vitest';
import { checkNetworkFile } from '../../../../src/config/network-file/check.ts';
import { isInPrefix } from '../../../../src/config/network-file/network-file.ts';
import { PlowError } from '../../../../src/errors/plow-error.ts';
import { parseIpv4 } from '../../../../src/config/values/ipv4.ts';

const FULL = `prefixes:
  - 10.55.0.0/16
  - 192.0.2.7/32
bgp:
  local_as: 65001
  address: 10.78.0.11
  neighbors:
    - address: 10.78.0.1
      as: 65000
    - { address: 10.9.9.9, as: 4200000000, multihop: 2, password_file: /etc/plow/session }
isolate: true
uplinks: [eth0, bond0.100]
`;

function refusal(text: string): PlowError {
  try {
    checkNetworkFile('network.yaml', text);
  } catch (error) {
    if (error instanceof PlowError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a network file', () => {
  it('has everything that it may have', () => {
    expect(checkNetworkFile('network.yaml', FULL)).toStrictEqual({
      prefixes: [
        { text: '10.55.0.0/16', address: 0x0a370000, length: 16 },
        { text: '192.0.2.7/32', address: 0xc0000207, length: 32 },
      ],
      bgp: {
        localAs: 65_001,
        address: '10.78.0.11',
        neighbors: [
          { address: '10.78.0.1', as: 65_000, multihop: undefined, passwordFile: undefined },
          { address: '10.9.9.9', as: 4_200_000_000, multihop: 2, passwordFile: '/etc/plow/session' },
        ],
      },
      isolate: true,
      uplinks: ['eth0', 'bond0.100'],
    });
  });

  it('needs prefixes alone', () => {
    expect(checkNetworkFile('network.yaml', 'prefixes: [10.55.0.0/16]')).toMatchObject({
      bgp: undefined,
      isolate: false,
    });
  });

  it.each([
    ['10.55.1.0/16', 'has bits of a host: 10.55.1.0/16 lies in 10.55.0.0/16, write that'],
    ['0.0.0.0/0', '0.0.0.0/0 is every address there is: name the subnets of your VMs'],
    ['169.254.1.0/24', 'overlaps 169.254.0.0/16, which is link-local'],
    ['128.0.0.0/1', 'overlaps 169.254.0.0/16, which is link-local'],
    ['127.0.0.1/32', 'overlaps 127.0.0.0/8, which stays inside one machine'],
    ['240.0.0.0/4', 'overlaps 224.0.0.0/3, which is multicast or reserved'],
    ['10.55.22.22', 'needs a prefix length, such as 10.55.22.22/32'],
    [
      '10.0.0.0/33',
      'must be a subnet with a prefix length of 1 to 32, such as 10.55.0.0/16, got "10.0.0.0/33"',
    ],
    ['2001:db8::/32', 'IPv6 is not supported'],
    ['10.0.0.0/8{8,32}', 'must be a subnet with a prefix length of 1 to 32'],
  ])('refuses the prefix %s', (prefix, why) => {
    expect(refusal(`prefixes: ['${prefix}']`).message).toContain(`network.yaml:1:12: prefixes[0]: ${why}`);
  });

  it.each([
    [
      'prefixes: [10.0.0.0/8, 10.1.0.0/16]',
      '1:24: prefixes[1]: overlaps 10.0.0.0/8, which is in the list too',
    ],
    ['isolate: true', '1:1: prefixes: is required (a list)'],
    ['- 10.0.0.0/8', '1:1: expected a map with the key prefixes, found a list'],
    [FULL.replace('65001', '0'), '5:13: bgp.local_as: must be at least 1, got 0'],
    [FULL.replace('65000', '65535'), '9:11: bgp.neighbors[0].as: 65535 is reserved, no network has it'],
    [
      FULL.replace('10.78.0.1\n', '10.78.0.11\n'),
      "bgp.neighbors[0].address: is bgp.address, the hypervisor's own",
    ],
    [FULL.replace('10.9.9.9', '10.78.0.1'), 'bgp.neighbors[1].address: is in the list already'],
    [FULL.replace('10.9.9.9', '169.254.0.1'), '169.254.0.1 is a link-local address'],
    [FULL.replace('multihop: 2', 'multihop: 0'), 'bgp.neighbors[1].multihop: must be at least 1, got 0'],
    [FULL.replace('local_as', 'local_asn'), "5:3: bgp.local_asn: unknown key; did you mean 'local_as'?"],
    [
      FULL.replace('10.78.0.11', '10.55.9.9'),
      '6:12: bgp.address: lies in prefixes (10.55.0.0/16): a VM could take it',
    ],
    [FULL.replace('10.9.9.9', '192.0.2.7'), 'bgp.neighbors[1].address: lies in prefixes (192.0.2.7/32)'],
    [FULL.replace('isolate: true', 'isolate: false'), 'uplinks: says nothing without isolate: true'],
    [FULL.replace('bond0.100', '"a b"'), 'uplinks[1]: must be the name of an interface, such as eth0'],
    ['prefixes: [10.0.0.0/8]\nlocal_as: 1', 'local_as: unknown key; it belongs under bgp'],
  ])('says where a mistake is: %j', (text, message) => {
    expect(refusal(text).message).toContain(message);
  });

  it('never shows what may be a password, and says everything at once', () => {
    const wrong = FULL.replace('/etc/plow/session', 'hunter2').replace('isolate: true', 'isolate: maybe');
    const { message, kind, mistakes } = refusal(wrong);
    expect(message).not.toContain('hunter2');
    expect([kind, mistakes.length]).toStrictEqual(['validation', 2]);
    expect(mistakes[0]).toMatchObject({
      file: 'network.yaml',
      line: 10,
      key: 'bgp.neighbors[1].password_file',
    });
  });

  it('knows which addresses lie in a prefix', () => {
    const { prefixes } = checkNetworkFile('network.yaml', FULL);
    const inside = (text: string): boolean =>
      prefixes.some((prefix) => isInPrefix(parseIpv4(text) ?? 0, prefix));
    const asked = ['10.54.255.255', '10.55.0.0', '10.55.255.255', '10.56.0.0', '192.0.2.7', '192.0.2.8'];
    expect(asked.filter(inside)).toStrictEqual(['10.55.0.0', '10.55.255.255', '192.0.2.7']);
  });
});
