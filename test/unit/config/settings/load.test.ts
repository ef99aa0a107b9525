import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { checkText } from '../../../../src/config/vm-file/check.ts';
import { describe as lineOf } from '../../../../src/config/diagnostics/diagnostic.ts';
import { loadSettings } from '../../../../src/config/settings/load.ts';
import { settingsFile, settingsKeys } from '../../../../src/config/settings/schema.ts';
import { PlowError } from '../../../../src/errors/plow-error.ts';
import { ED25519 } from '../sample.ts';

/** What is said of a settings file with mistakes. */
function mistakes(text: string): readonly string[] {
  try {
    loadSettings('plow.yaml', text);
    return [];
  } catch (error) {
    if (error instanceof PlowError && error.kind === 'config') {
      return error.message.split('\n');
    }
    throw error;
  }
}

function gateways(...lines: readonly string[]): string {
  return `defaults:\n  gateways:\n${lines.map((line) => `    ${line}\n`).join('')}`;
}

describe('the settings file', () => {
  it('has every key that is in it, and knows where each value is', () => {
    const { values, whereIs } = loadSettings(
      'plow.yaml',
      `connect: qemu+ssh://root@hv1/system
storage_path: /srv/vms
virt_type: qemu
defaults:
  dns_servers: [1.1.1.1]
  gateways: {10.20.30.0/24: 10.20.30.1, 0.0.0.0/0: 10.0.0.1}
  ssh_keys: ["${ED25519} "]
  bridge: br0
  cpu_mode: host-passthrough
`,
    );
    expect(values).toStrictEqual({
      connect: 'qemu+ssh://root@hv1/system',
      storage_path: '/srv/vms',
      virt_type: 'qemu',
      defaults: {
        dns_servers: ['1.1.1.1'],
        gateways: { '10.20.30.0/24': '10.20.30.1', '0.0.0.0/0': '10.0.0.1' },
        ssh_keys: [ED25519],
        bridge: 'br0',
        cpu_mode: 'host-passthrough',
      },
    });
    expect(whereIs(['connect'])).toBe('plow.yaml:1:10');
    expect(whereIs(['defaults', 'gateways', '10.20.30.0/24'])).toBe('plow.yaml:6:29');
    expect(whereIs(['defaults', 'ssh_keys', 0])).toBe('plow.yaml:7:14');
  });

  it.each(['', '# nothing yet\n', '{}'])('may be %j', (text) => {
    expect(loadSettings('plow.yaml', text).values).toStrictEqual({});
  });

  it('has all its mistakes told at once, in its order', () => {
    const text = `conect: qemu:///system
storage_path: vms
virt_type: KVM
dns_servers: [1.1.1.1]
defaults:
  dns_servers: [1.1.1]
  brige: br0
  bridge: a/b
  cpu_mode: host
  ssh_keys: ${ED25519}
  colour: red
`;
    expect(mistakes(text)).toStrictEqual([
      "plow.yaml:1:1: conect: unknown key; did you mean 'connect'?",
      'plow.yaml:2:15: storage_path: must be an absolute path on the hypervisor, starting with /, got "vms"',
      'plow.yaml:3:12: virt_type: must be kvm or qemu, got "KVM"; did you mean kvm?',
      'plow.yaml:4:1: dns_servers: unknown key; it belongs under defaults',
      'plow.yaml:6:17: defaults.dns_servers[0]: must be an IPv4 address, such as 10.20.30.1, got "1.1.1"',
      'plow.yaml:7:3: defaults.brige: unknown key; known here are dns_servers, gateways, ssh_keys, bridge, mode, cpu_mode',
      'plow.yaml:8:11: defaults.bridge: must be the name of a bridge, such as br0, of letters, digits, ., - and _, got "a/b"',
      'plow.yaml:9:13: defaults.cpu_mode: must be host-model or host-passthrough or maximum, got "host"',
      'plow.yaml:10:13: defaults.ssh_keys: expected a list, found a secret, which is not shown (write each item on a line of its own, after "- ")',
      'plow.yaml:11:3: defaults.colour: unknown key; known here are dns_servers, gateways, ssh_keys, bridge, mode, cpu_mode',
    ]);
  });

  it.each([
    ['a: [', '1:5: not valid YAML: '],
    ['connect: x\nconnect: y', '2:1: connect: the key appears twice'],
    ['a: 1\n---\nb: 2', '2:1: a second document starts here, and a file can have one only'],
    ['- connect', '1:1: expected a map of settings such as connect and storage_path, found a list'],
    [
      'doctor: {ignore: [{code: kvm-mising, until: 2027-01-31}]}',
      "1:26: doctor.ignore[0].code: plow doctor has no such code; did you mean 'kvm-missing'?",
    ],
    ['doctor: {ignore: [{code: kvm-missing}]}', '1:19: doctor.ignore[0].until: is required'],
    [
      'doctor: {ignore: [{code: kvm-missing, until: 2027-02-31}]}',
      '1:46: doctor.ignore[0].until: must be a day such as 2027-01-31, got "2027-02-31"',
    ],
    [
      'doctor: {ignore: [{code: kvm-missing, untill: 2027-02-01}]}',
      '1:39: doctor.ignore[0].untill: unknown key; did you mean',
    ],
    ['defaults:', '1:10: defaults: expected a map of keys, found nothing'],
    ['connect: 7', '1:10: connect: expected text, found the number 7 (put it in quotes)'],
    ['storage_path: "/a\\nb"', '1:15: storage_path: a path cannot hold control characters'],
    [
      'defaults: {defaults: {}}',
      '1:12: defaults.defaults: unknown key; it belongs at the top level, without',
    ],
  ])('cannot be %j', (text, diagnostic) => {
    expect(mistakes(text)).toHaveLength(1);
    expect(mistakes(text)[0]).toContain(`plow.yaml:${diagnostic}`);
  });

  it.each(['""', '"qemu+ssh://me:geheim@hv1/ system"', '"qemu+ssh://me:geheim@hv1\\u202e"'])(
    'cannot have %s as its URI, which is not repeated',
    (uri) => {
      expect(mistakes(`connect: ${uri}`)).toStrictEqual([
        'plow.yaml:1:10: connect: must be a libvirt URI without blanks, such as qemu:///system (what was found is not shown)',
      ]);
    },
  );

  it.each([
    ['10.20.30.0/24: 10.20.31.1', '20', '10.20.31.1 is outside 10.20.30.0/24'],
    [
      '10.20.30.0/24: 10.20.30.0',
      '20',
      '10.20.30.0 is the network address of 10.20.30.0/24, which no host can have',
    ],
    [
      '10.20.30.0/24: 10.20.30.255',
      '20',
      '10.20.30.255 is the broadcast address of 10.20.30.0/24, which no host can have',
    ],
    ['10.20.30.0/24: 127.0.0.1', '20', '127.0.0.1 is a loopback address, which stays inside one machine'],
    ['10.20.30.0/24: 10.20.30.1/24', '20', 'must not have a prefix length: write 10.20.30.1'],
    ['10.20.30.0/24:', '19', 'expected text, found nothing'],
    ['10.20.30.7/24: 10.20.30.1', '5', 'is an address in a subnet, not a subnet: write 10.20.30.0/24'],
    [
      '10.20.30.0: 10.20.30.1',
      '5',
      'must be a subnet with its prefix length, such as 10.20.30.0/24, got "10.20.30.0"',
    ],
    [
      '10.20.30.0/33: 10.20.30.1',
      '5',
      'must be a subnet with its prefix length, such as 10.20.30.0/24, got "10.20.30.0/33"',
    ],
    ['fe80::/10: fe80::1', '16', 'IPv6 is not supported: plow configures IPv4 throughout'],
  ])('cannot have the gateway %s', (line, column, text) => {
    const subnet = line.slice(0, line.lastIndexOf('/') > 0 ? line.search(/:(?: |$)/) : line.indexOf(':'));
    expect(mistakes(gateways(line))).toStrictEqual([
      `plow.yaml:3:${column}: defaults.gateways."${subnet}": ${text}`,
    ]);
  });

  it.each(['10.20.30.4/31: 10.20.30.5', '10.20.30.4/32: 10.20.30.4', '0.0.0.0/0: 10.0.0.1'])(
    'can have the gateway %s',
    (line) => {
      expect(mistakes(gateways(line))).toStrictEqual([]);
    },
  );

  it('has at most fifty mistakes told', () => {
    const lines = mistakes(Array.from({ length: 60 }, (_, index) => `k${index}x: 1\n`).join(''));
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('plow.yaml: and 10 more');
  });

  it('describes every key in a sentence', () => {
    const schema = z.toJSONSchema(settingsFile, { io: 'input' });
    const { defaults, ...outer } = schema.properties ?? {};
    const inner = typeof defaults === 'object' ? (defaults.properties ?? {}) : {};
    expect(Object.keys({ ...outer, defaults })).toStrictEqual(settingsKeys([]));
    expect(Object.keys(inner)).toStrictEqual(settingsKeys(['defaults']));
    const described = Object.values({ ...outer, ...inner }).map((one) =>
      typeof one === 'object' ? one.description : undefined,
    );
    expect(described.filter((text) => text?.endsWith('.') !== true)).toStrictEqual([]);
  });
});

describe('the example of a settings file', () => {
  it('has every key, and lets a VM file be short', async () => {
    const text = await readFile(new URL('../../../../examples/config/plow.yaml', import.meta.url), 'utf8');
    const { values, whereIs } = loadSettings('plow.yaml', text);
    // One of host and connect.
    expect(Object.keys(values)).toStrictEqual(settingsKeys([]).filter((key) => key !== 'host'));
    expect(Object.keys(values.defaults ?? {}).toSorted()).toStrictEqual(
      settingsKeys(['defaults']).toSorted(),
    );
    const vm = `name: my-vm
vcpus: 2
memory_gib: 4
boot_disk: { size_gb: 10, image: /img/a.qcow2 }
network_interfaces: [{ ip: 10.20.31.9/24 }, { ip: 192.168.7.7/16 }]
cloud_init: {}
`;
    const { machine, diagnostics } = checkText('vm.yaml', vm, {
      virtType: undefined,
      fill: { values: values.defaults ?? {}, whereIs: (path) => whereIs(['defaults', ...path]) },
    });
    expect(diagnostics.map(lineOf)).toStrictEqual([]);
    expect(
      machine?.interfaces.map((one) => [one.gateway, one.mode === 'bridge' && one.bridge]),
    ).toStrictEqual([
      ['10.20.31.1', 'br0'],
      ['192.168.0.1', 'br0'],
    ]);
    expect(machine?.provisioning?.sshKeys).toHaveLength(1);
  });
});
