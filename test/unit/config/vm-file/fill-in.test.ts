import { describe, expect, it } from 'vitest';

import { checkText } from '../../../../src/config/vm-file/check.ts';
import type { CheckedText } from '../../../../src/config/vm-file/check.ts';
import { describe as lineOf } from '../../../../src/config/diagnostics/diagnostic.ts';
import { loadMachine } from '../../../../src/config/vm-file/load.ts';
import { loadSettings } from '../../../../src/config/settings/load.ts';
import type { MachineDefaults } from '../../../../src/config/vm-file/to-machine.ts';
import { ED25519, SMALLEST } from '../sample.ts';

const SETTINGS = `defaults:
  dns_servers: [1.1.1.1, 9.9.9.9]
  gateways:
    10.0.0.0/8: 10.255.255.254
    10.0.0.0/24: 10.0.0.1
    10.0.0.128/25: 10.0.0.129
  ssh_keys: [${ED25519}]
  bridge: br7
  cpu_mode: host-passthrough
`;

function defaultsOf(text: string): MachineDefaults {
  const { values, whereIs } = loadSettings('plow.yaml', text);
  const fill = {
    values: values.defaults ?? {},
    whereIs: (path: readonly (string | number)[]) => whereIs(['defaults', ...path]),
  };
  return { virtType: undefined, fill };
}

/** A VM with these interfaces and lines. */
function vm(interfaces: readonly string[], more = ''): string {
  const lines = interfaces.map((one) => `  - ${one}\n`).join('');
  return `name: my-vm\nvcpus: 2\nmemory_gib: 4\nboot_disk: {size_gb: 1, empty: true}\nnetwork_interfaces:\n${lines}${more}`;
}

function check(text: string, settings = SETTINGS): CheckedText {
  return checkText('vm.yaml', text, defaultsOf(settings));
}

function linesOf(text: string, settings = SETTINGS): readonly string[] {
  return check(text, settings).diagnostics.map(lineOf);
}

describe('defaults of the settings file', () => {
  it('are what a file leaves out', () => {
    const { machine, diagnostics } = check(vm(['ip: 10.0.0.7/24'], 'cloud_init: {}\n'));
    expect(diagnostics).toStrictEqual([]);
    expect(machine).toMatchObject({
      interfaces: [{ gateway: '10.0.0.1', bridge: 'br7', dnsServers: ['1.1.1.1', '9.9.9.9'] }],
      provisioning: { sshKeys: [ED25519] },
      cpuMode: 'host-passthrough',
    });
  });

  it('are not for what a file says itself, an empty list too', () => {
    const own = '{ip: 10.0.0.7/24, gateway: 10.0.0.9, bridge: br0, dns_servers: []}';
    const { machine } = check(vm([own], 'cloud_init: {ssh_keys: []}\ncpu_mode: host-model\n'));
    expect(machine).toMatchObject({
      interfaces: [{ gateway: '10.0.0.9', bridge: 'br0', dnsServers: [] }],
      provisioning: { sshKeys: [] },
      cpuMode: 'host-model',
    });
  });

  it('make no section of cloud_init', () => {
    expect(check(vm(['ip: 10.0.0.7/24'])).machine?.provisioning).toBeUndefined();
  });

  it.each([
    ['10.0.0.7/24', '10.0.0.1'],
    ['10.0.0.130/24', '10.0.0.129'],
    ['10.9.9.9/24', '10.255.255.254'],
    ['10.0.0.7/8', '10.0.0.1'],
  ])('give %s the gateway of the smallest subnet that has it', (ip, gateway) => {
    expect(check(vm([`ip: ${ip}`])).machine?.interfaces[0]?.gateway).toBe(gateway);
  });

  it.each([
    [
      'an address that no subnet has',
      'ip: 192.168.0.7/24',
      ['vm.yaml:6:5: network_interfaces[0].gateway: is required (text)'],
    ],
    [
      'what is no address',
      'ip: 10.0.0/24',
      [
        'vm.yaml:6:5: network_interfaces[0].gateway: is required (text)',
        'vm.yaml:6:9: network_interfaces[0].ip: must be an IPv4 address with a prefix length, such as 10.20.30.40/24, got "10.0.0/24"',
      ],
    ],
    [
      'nothing',
      '{}',
      [
        'vm.yaml:6:5: network_interfaces[0].ip: is required (text)',
        'vm.yaml:6:5: network_interfaces[0].gateway: is required (text)',
      ],
    ],
    ['no map', '7', ['vm.yaml:6:5: network_interfaces[0]: expected a map of keys, found the number 7']],
  ])('give %s no gateway', (_, entry, lines) => {
    expect(linesOf(vm([entry]))).toStrictEqual(lines);
  });

  it('leave required what they do not have', () => {
    expect(linesOf(vm(['ip: 10.0.0.7/24']), 'defaults: {}')).toStrictEqual([
      'vm.yaml:6:5: network_interfaces[0].gateway: is required (text)',
      'vm.yaml:6:5: network_interfaces[0].bridge: is required (text), unless mode: ethernet says that the interface is routed',
    ]);
    expect(linesOf(vm(['ip: 10.0.0.7/24']), 'defaults: {bridge: br0}')).toStrictEqual([
      'vm.yaml:6:5: network_interfaces[0].gateway: is required (text)',
    ]);
  });

  it('are not for a key without its value', () => {
    expect(linesOf(vm(['{ip: 10.0.0.7/24, gateway: , bridge: }']))).toStrictEqual([
      'vm.yaml:6:32: network_interfaces[0].gateway: expected text, found nothing',
      'vm.yaml:6:42: network_interfaces[0].bridge: expected text, found nothing',
    ]);
  });

  it('do not hide a misspelt key', () => {
    expect(linesOf(vm(['{ip: 10.0.0.7/24, gatway: 10.0.0.9}']))).toStrictEqual([
      "vm.yaml:6:23: network_interfaces[0].gatway: unknown key; did you mean 'gateway'?",
    ]);
  });

  it('are named where a mistake is in them', () => {
    expect(linesOf(vm(['ip: 10.0.0.1/24']))).toStrictEqual([
      'vm.yaml:6:5: network_interfaces[0].gateway (from plow.yaml:5:18): 10.0.0.1 is the address of the VM itself',
    ]);
    expect(linesOf(vm(['ip: 10.0.0.6/30']))).toStrictEqual([
      'vm.yaml:6:5: network_interfaces[0].gateway (from plow.yaml:5:18): 10.0.0.1 is outside 10.0.0.6/30; it will be used as an on-link gateway',
    ]);
  });

  it('are named where the hypervisor does not have what they say', () => {
    const loaded = loadMachine('vm.yaml', vm(['ip: 10.0.0.7/24']), defaultsOf(SETTINGS));
    expect(loaded.locate(['network_interfaces', 0, 'bridge'])).toBe(
      'vm.yaml:6:5: network_interfaces[0].bridge (from plow.yaml:8:11)',
    );
    expect(loaded.locate(['cpu_mode'])).toBe('vm.yaml:1:1: cpu_mode (from plow.yaml:9:13)');
    expect(loaded.locate(['network_interfaces', 0, 'ip'])).toBe('vm.yaml:6:9: network_interfaces[0].ip');
  });

  it.each(['- a', 'hello', '', 'network_interfaces: 7', 'cloud_init: 7\n__proto__: {bridge: x}'])(
    'change nothing about what is no VM: %j',
    (text) => {
      const without = checkText('vm.yaml', text, { virtType: undefined }).diagnostics.map(lineOf);
      expect(linesOf(text)).toStrictEqual(without);
    },
  );

  it('change nothing where a file has everything', () => {
    const text = `${SMALLEST}    dns_servers: []\ncpu_mode: host-model\n`;
    const { machine } = checkText('vm.yaml', text, { virtType: undefined });
    expect(check(text).machine).toStrictEqual(machine);
  });
});
