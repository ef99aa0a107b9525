import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../../src/config/vm-file/load.ts';
import { checkText } from '../../../src/config/vm-file/check.ts';
import { changed, outcome, SMALLEST } from './sample.ts';
import { routedInterface } from '../machines.ts';

const HEAD = SMALLEST.slice(0, SMALLEST.indexOf('  - ip'));

/** A file with these interfaces, each on a line of its own from line 8 on. */
function vm(...entries: readonly string[]): string {
  return `${HEAD}${entries.map((entry) => `  - { ${entry} }\n`).join('')}`;
}

const ROUTED = 'mode: ethernet, ip: 10.55.22.22/32';

describe('an interface of mode ethernet', () => {
  it('has a gateway and a tap by itself, and no bridge', () => {
    const { machine, warnings } = loadMachine('vm.yaml', vm(ROUTED), { virtType: undefined });
    expect(machine.interfaces).toStrictEqual([routedInterface()]);
    expect(warnings).toStrictEqual([]);
  });

  it.each([
    ['its own gateway', `${ROUTED}, gateway: 169.254.0.1`],
    [
      'a MAC address, an MTU, DNS servers',
      `${ROUTED}, mac: "52:54:00:12:34:56", mtu: 9000, dns_servers: [9.9.9.9]`,
    ],
    ['no default route', `${ROUTED}, default_route: false`],
  ])('can have %s', (_, entry) => {
    expect(outcome(vm(entry))).toStrictEqual(['loaded']);
  });

  it('can be beside bridged ones, one of which has the default route', () => {
    const bridged = 'ip: 10.0.0.2/24, gateway: 10.0.0.1, bridge: br0, default_route: true';
    const { machine } = loadMachine('vm.yaml', vm(ROUTED, bridged), { virtType: undefined });
    expect(machine.interfaces.map(({ mode, defaultRoute }) => [mode, defaultRoute])).toStrictEqual([
      ['ethernet', false],
      ['bridge', true],
    ]);
  });

  it.each([
    [
      'ip: 10.55.22.22/24',
      '8:27',
      'ip',
      'an interface of mode ethernet has one address: write 10.55.22.22/32',
    ],
    ['ip: 169.254.0.1/32', '8:27', 'ip', '169.254.0.1 is the gateway of every interface of mode ethernet'],
    [
      'ip: 169.254.7.7/32',
      '8:27',
      'ip',
      '169.254.7.7 is no address of a guest: 169.254.0.0/16 is link-local, and has the gateway of the guests, 169.254.0.1',
    ],
    [
      'ip: 240.0.0.1/32',
      '8:27',
      'ip',
      '240.0.0.1 is no address of a guest: 224.0.0.0/3 is multicast or reserved',
    ],
    ['ip: 10.55.22.22', '8:27', 'ip', 'needs a prefix length, such as 10.55.22.22/24'],
    [
      'ip: 10.55.22.22/32, gateway: 10.55.22.1',
      '8:52',
      'gateway',
      'of an interface of mode ethernet it is 169.254.0.1, and need not be said',
    ],
    [
      'ip: 10.55.22.22/32, vlan: 100',
      '8:49',
      'vlan',
      'an interface of mode ethernet has none: it is plugged into no bridge',
    ],
    [
      'ip: 10.55.22.22/32, bridge: br0',
      '8:51',
      'bridge',
      'an interface of mode ethernet has none; take it out, or write mode: bridge',
    ],
  ])('cannot have %s', (entry, place, key, text) => {
    expect(outcome(vm(`mode: ethernet, ${entry}`))).toStrictEqual([
      'validation',
      `vm.yaml:${place}: network_interfaces[0].${key}: ${text}`,
    ]);
  });

  it('is the only one of its VM', () => {
    expect(outcome(vm(ROUTED, 'mode: ethernet, ip: 10.55.22.23/32'))).toStrictEqual([
      'validation',
      'vm.yaml:9:13: network_interfaces[1].mode: network_interfaces[0] is of mode ethernet already; at most one interface can be',
    ]);
  });

  it('is what a forgotten bridge may have meant', () => {
    expect(outcome(changed('    bridge: br0\n', ''))).toStrictEqual([
      'validation',
      'vm.yaml:8:5: network_interfaces[0].bridge: is required (text), unless mode: ethernet says that the interface is routed',
    ]);
  });

  it.each([
    ['mode: ethrnet, ip: 10.0.0.2/24', 'must be bridge or ethernet, got "ethrnet"; did you mean ethernet?'],
    ['mode: bridge, ip: 10.0.0.2/24, gateway: 10.0.0.1', 'is required (text), unless mode: ethernet'],
  ])('is not %s', (entry, text) => {
    const lines = outcome(vm(entry));
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(text);
  });
});

describe('defaults of the settings', () => {
  const fill = {
    values: { mode: 'ethernet', bridge: 'br7', gateways: { '10.0.0.0/8': '10.0.0.1' } } as const,
    whereIs: () => 'plow.yaml:1:1',
  };

  function modesOf(text: string, values: Partial<typeof fill.values> = fill.values): readonly unknown[] {
    const { machine, diagnostics } = checkText('vm.yaml', text, {
      virtType: undefined,
      fill: { ...fill, values },
    });
    return [...(machine?.interfaces.map(({ mode }) => mode) ?? []), ...diagnostics.map((one) => one.text)];
  }

  it('may say the mode, of an interface that names no bridge', () => {
    expect(
      modesOf(vm('ip: 10.55.22.22/32', 'ip: 10.0.0.2/24, bridge: br0', 'mode: bridge, ip: 10.0.0.3/24')),
    ).toStrictEqual(['ethernet', 'bridge', 'bridge']);
  });

  it('give no bridge and no gateway to one of mode ethernet', () => {
    const { bridge, gateways } = fill.values;
    expect(modesOf(vm(ROUTED), { bridge, gateways })).toStrictEqual(['ethernet']);
  });
});

describe('a VLAN, and the network to boot from', () => {
  it('are those of the file', () => {
    const text = vm(
      'ip: 10.0.0.2/24, gateway: 10.0.0.1, bridge: br0, vlan: 100, boot: network',
      `${ROUTED}, boot: network`,
    );
    const { machine } = loadMachine('vm.yaml', text, { virtType: undefined });
    expect(machine.interfaces).toMatchObject([
      { vlan: 100, bootsFromNetwork: true },
      { mode: 'ethernet', bootsFromNetwork: true },
    ]);
  });

  it.each([
    ['vlan: 0', 'vlan: must be at least 1, got 0'],
    ['vlan: 4095', 'vlan: must be at most 4094 (the last VLAN that there is), got 4095'],
    ['vlan: "100"', 'vlan: expected a whole number, found the text'],
    ['boot: disk', 'boot: must be network, got "disk"'],
  ])('cannot be %s', (entry, text) => {
    const lines = outcome(vm(`ip: 10.0.0.2/24, gateway: 10.0.0.1, bridge: br0, ${entry}`));
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(`network_interfaces[0].${text}`);
  });
});
