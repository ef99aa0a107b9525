import { describe, expect, it } from 'vitest';

import { changed, outcome, SMALLEST } from './sample.ts';

const EXAMPLE = 'must be an IPv4 address with a prefix length, such as 10.20.30.40/24, got';

describe('the address of an interface', () => {
  it.each([
    ['10.0.0.2', 'needs a prefix length, such as 10.0.0.2/24'],
    ['10.0.0.2/', 'must end in a prefix length of 1 to 32, got "10.0.0.2/"'],
    ['10.0.0.2/33', 'must end in a prefix length of 1 to 32, got "10.0.0.2/33"'],
    ['10.0.0.2/024', 'must end in a prefix length of 1 to 32, got "10.0.0.2/024"'],
    ['10.0.0.2/-1', 'must end in a prefix length of 1 to 32, got "10.0.0.2/-1"'],
    ['10.0.0.2/24/24', 'must end in a prefix length of 1 to 32, got "10.0.0.2/24/24"'],
    ['10.0.0.2/255.255.255.0', 'must end in a prefix length of 1 to 32, got "10.0.0.2/255.255.255.0"'],
    ['10.0.0.02/24', `${EXAMPLE} "10.0.0.02/24"`],
    ['10.0.0.256/24', `${EXAMPLE} "10.0.0.256/24"`],
    ['10.0.0/24', `${EXAMPLE} "10.0.0/24"`],
    ['dhcp', `${EXAMPLE} "dhcp"`],
    ['"10.0.0.2 /24"', `${EXAMPLE} "10.0.0.2 /24"`],
    ['fe80::1/64', 'IPv6 is not supported: the MAC address is made from the four octets of an IPv4 address'],
    ['10.0.0.0/24', '10.0.0.0 is the network address of 10.0.0.0/24, which no host can have'],
    ['10.0.0.255/24', '10.0.0.255 is the broadcast address of 10.0.0.0/24, which no host can have'],
    ['10.0.0.4/30', '10.0.0.4 is the network address of 10.0.0.4/30, which no host can have'],
    ['10.0.15.255/20', '10.0.15.255 is the broadcast address of 10.0.0.0/20, which no host can have'],
    ['0.0.0.0/0', '0.0.0.0 is not the address of a host (0.0.0.0/8 means "this network")'],
    ['127.0.0.1/8', '127.0.0.1 is a loopback address, which stays inside one machine'],
    ['224.0.0.9/24', '224.0.0.9 is a multicast address, which no host can have'],
    ['239.1.2.3/24', '239.1.2.3 is a multicast address, which no host can have'],
    ['255.255.255.255/32', '255.255.255.255 is the broadcast address, which no host can have'],
    ['10', 'expected text, found the number 10 (put it in quotes)'],
  ])('cannot be %s', (ip, text) => {
    expect(outcome(changed('10.0.0.2/24', ip))).toStrictEqual([
      'validation',
      `vm.yaml:8:9: network_interfaces[0].ip: ${text}`,
    ]);
  });

  it.each(['10.0.0.2/32', '10.0.0.0/31', '10.0.0.2/31', '10.0.0.2/8', '240.1.1.1/4', '169.254.1.1/16'])(
    'can be %s',
    (ip) => {
      expect(outcome(changed('10.0.0.2/24', ip))[0]).toBe('loaded');
    },
  );

  it('cannot be that of another interface, whatever the prefix length, and the later one is named', () => {
    const more = '  - { ip: 10.0.0.2/16, gateway: 10.0.0.1, bridge: br1 }\n';
    expect(outcome(SMALLEST + more)).toStrictEqual([
      'validation',
      'vm.yaml:11:11: network_interfaces[1].ip: 10.0.0.2 is already the ip of network_interfaces[0]',
    ]);
  });
});

describe('a gateway', () => {
  it.each([
    ['10.0.0.2', '10.0.0.2 is the address of the VM itself'],
    ['10.0.0.255', '10.0.0.255 is the broadcast address of 10.0.0.0/24, which no host can have'],
    ['10.0.0.0', '10.0.0.0 is the network address of 10.0.0.0/24, which no host can have'],
    ['127.0.0.1', '127.0.0.1 is a loopback address, which stays inside one machine'],
    ['10.0.0.1/24', 'must not have a prefix length: write 10.0.0.1'],
    ['10.0.0', 'must be an IPv4 address, such as 10.20.30.1, got "10.0.0"'],
    ['fe80::1', 'IPv6 is not supported: plow configures IPv4 throughout'],
    ['', 'expected text, found nothing'],
  ])('cannot be %j', (gateway, text) => {
    expect(outcome(changed('gateway: 10.0.0.1', `gateway: ${gateway}`))).toStrictEqual([
      'validation',
      `vm.yaml:9:14: network_interfaces[0].gateway: ${text}`,
    ]);
  });
});

describe('a bridge', () => {
  const NAME = 'must be the name of a bridge, such as br0, of letters, digits, ., - and _, got';
  it.each([
    [
      'a234567890123456',
      'must have at most 15 characters, as Linux interface names do, got "a234567890123456"',
    ],
    ['..', `${NAME} ".."`],
    ['.', `${NAME} "."`],
    ['a/b', `${NAME} "a/b"`],
    ['"br 0"', `${NAME} "br 0"`],
    ['""', `${NAME} ""`],
    ['br0:1', `${NAME} "br0:1"`],
  ])('cannot be %s', (bridge, text) => {
    expect(outcome(changed('br0', bridge))).toStrictEqual([
      'validation',
      `vm.yaml:10:13: network_interfaces[0].bridge: ${text}`,
    ]);
  });
});

describe('an interface', () => {
  it.each([
    [
      'dns_servers: 8.8.8.8',
      [
        '18: network_interfaces[0].dns_servers: expected a list, found the text "8.8.8.8" (write each item on a line of its own, after "- ")',
      ],
    ],
    [
      'dns_servers: [8.8.8.8/32, "2001:db8::1", x, 8]',
      [
        '19: network_interfaces[0].dns_servers[0]: must not have a prefix length: write 8.8.8.8',
        '31: network_interfaces[0].dns_servers[1]: IPv6 is not supported: plow configures IPv4 throughout',
        '46: network_interfaces[0].dns_servers[2]: must be an IPv4 address, such as 10.20.30.1, got "x"',
        '49: network_interfaces[0].dns_servers[3]: expected text, found the number 8 (put it in quotes)',
      ],
    ],
    [
      'default_route: yes',
      [
        '20: network_interfaces[0].default_route: expected true or false, found the text "yes"; did you mean true?',
      ],
    ],
    [
      'mac: aa:bb',
      ['10: network_interfaces[0].mac: must be a MAC address, such as 52:54:00:12:34:56, got "aa:bb"'],
    ],
  ])('cannot have %s', (line, diagnostics) => {
    expect(outcome(`${SMALLEST}    ${line}\n`)).toStrictEqual([
      'validation',
      ...diagnostics.map((diagnostic) => `vm.yaml:11:${diagnostic}`),
    ]);
  });

  it('needs ip, gateway and bridge', () => {
    const text = `${SMALLEST.slice(0, SMALLEST.indexOf('  - ip'))}  - dns_servers: []\n`;
    expect(outcome(text)).toStrictEqual([
      'validation',
      'vm.yaml:8:5: network_interfaces[0].ip: is required (text)',
      'vm.yaml:8:5: network_interfaces[0].gateway: is required (text)',
      'vm.yaml:8:5: network_interfaces[0].bridge: is required (text), unless mode: ethernet says that the interface is routed',
    ]);
  });

  it('needs no gateway where another has the default route', () => {
    const text = `${SMALLEST}  - {ip: 10.1.1.2/24, bridge: br1}\n`;
    expect(outcome(text)).toStrictEqual(['loaded']);
    expect(outcome(text.replace('br1}', 'br1, default_route: true}'))).toStrictEqual([
      'validation',
      'vm.yaml:11:5: network_interfaces[1].gateway: is required (text)',
    ]);
  });

  it('cannot have the default route beside another', () => {
    const [one, two] = [1, 2].map(
      (n) => `  - {ip: 10.1.${n}.2/24, gateway: 10.1.${n}.1, bridge: br1, default_route: true}\n`,
    );
    expect(outcome(`${SMALLEST}${one}${two}`)).toStrictEqual([
      'validation',
      'vm.yaml:12:70: network_interfaces[2].default_route: network_interfaces[1] has the default route already; at most one interface can',
    ]);
  });

  it.each([
    [0, 'must have at least 1 item, has 0'],
    [29, 'must have at most 28 items, has 29'],
  ])('cannot come %i times', (count, text) => {
    const entries = Array.from(
      { length: count },
      (_, n) => `{ip: 10.1.${n}.2/24, gateway: 10.1.${n}.1, bridge: br1}`,
    );
    const head = SMALLEST.slice(0, SMALLEST.indexOf('network_interfaces'));
    expect(outcome(`${head}network_interfaces: [${entries.join(', ')}]\n`)).toStrictEqual([
      'validation',
      `vm.yaml:7:21: network_interfaces: ${text}`,
    ]);
  });
});
