import { describe, expect, it } from 'vitest';

import { loadMachine } from '../../../src/config/vm-file/load.ts';
import { knownKeys } from '../../../src/config/vm-file/schema/vm-file.ts';
import { changed, outcome, SMALLEST } from './sample.ts';

const TOP = `known here are ${[...knownKeys([]), 'extends', 'count', 'each'].join(', ')}`;
const EMPTY = 'the file is empty; a VM needs name, vcpus, memory_gib, boot_disk and network_interfaces';
const MISSING_ANCHOR =
  'a value that starts with * is an alias, and its anchor (&) is not above it; put text in quotes';

/** Ten values, each alias of the next line ten of those: a hundred thousand in the last. */
const BOMB = [
  'a: &a [x,x,x,x,x,x,x,x,x,x]',
  ...['b', 'c', 'd', 'e'].map((name, index) => {
    const before = 'abcd'.charAt(index);
    return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(',')}]`;
  }),
].join('\n');

describe('a file that is not YAML', () => {
  it.each([
    [
      'a list that does not end',
      'a: [1',
      '1:6: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a text that does not end', 'a: "x', '1:4: a quote is opened here and not closed'],
    [
      'a tab as indentation',
      'boot_disk:\n\tsize_gb: 1',
      '2:1: a tab is used as indentation; YAML wants spaces',
    ],
    [
      'two documents',
      'a: 1\n---\nb: 1\n',
      '2:1: a second document starts here, and a file can have one only',
    ],
    ['a key that appears twice', 'name: x\nvcpus: 1\nname: y\n', '3:1: name: the key appears twice'],
    ['an alias without its anchor', 'a: *b\n', `1:4: a: ${MISSING_ANCHOR}`],
    ['an alias of the value that it is in', 'a: &a [*a]\n', `1:8: a[0]: ${MISSING_ANCHOR}`],
    [
      'aliases that explode',
      BOMB,
      '5:7: holds more than 20000 values, each alias counted as what it stands for',
    ],
    ['a reserved character', 'a: @b\n', '1:4: a value that starts with @, ` or % needs quotes'],
  ])('because of %s is refused as such', (_, text, diagnostic) => {
    expect(outcome(text)).toStrictEqual(['config', `vm.yaml:${diagnostic}`]);
  });

  it('because of lists in lists is refused as such', () => {
    expect(outcome('['.repeat(60) + ']'.repeat(60))).toStrictEqual([
      'config',
      'vm.yaml:1:52: nested too deeply',
    ]);
  });

  it.each(['[', '{a: ', '- ', '? '])('because of many %j without end is refused as such', (piece) => {
    const [kind, line] = outcome(piece.repeat(100_000));
    expect(kind).toBe('config');
    expect(line).toMatch(/^vm\.yaml:1:\d+: nested too deeply$/);
  });

  it('because of more words and signs than can make sense is refused as such', () => {
    expect(outcome('\n'.repeat(30_000))).toStrictEqual([
      'config',
      'vm.yaml:20001:1: holds more than 20000 words and signs, more than plow needs',
    ]);
  });

  it('because of aliases that make gigabytes of one text is refused as such', () => {
    const list = `[&a "${'x'.repeat(60_000)}", *a, *a]`;
    expect(outcome(`a: ${list}\n`)).toStrictEqual([
      'config',
      'vm.yaml:1:4: holds more than 128 KiB of text, each alias counted as what it stands for',
    ]);
    expect(outcome(list.replace(', *a', ''))[0]).toBe('validation');
    expect(outcome(`[&a {? "${'x'.repeat(60_000)}"}, *a, *a]`)[0]).toBe('config');
  });

  it('has every key named that appears twice', () => {
    expect(outcome('a: 1\na: 2\nb: {c: 1, c: 2}\n')).toStrictEqual([
      'config',
      'vm.yaml:2:1: a: the key appears twice',
      'vm.yaml:3:11: b.c: the key appears twice',
    ]);
  });
});

describe('a file that is YAML and no map of known keys', () => {
  it.each([
    ['nothing', '', `1:1: ${EMPTY}`],
    ['a comment', '# name: x\n', `1:1: ${EMPTY}`],
    ['null', '~\n', `1:1: ${EMPTY}`],
    ['a list', '- name: x\n', '1:1: expected a map of keys such as name and vcpus, found a list'],
    [
      'a text',
      'hello world\n',
      '1:1: expected a map of keys such as name and vcpus, found the text "hello world"',
    ],
  ])('but %s breaks a rule', (_, text, diagnostic) => {
    expect(outcome(text)).toStrictEqual(['validation', `vm.yaml:${diagnostic}`]);
  });

  it.each([
    ['colour: red', `colour: unknown key; ${TOP}`],
    ['cpu-mode: host-model', "cpu-mode: unknown key; did you mean 'cpu_mode'?"],
    ['Firmware: bios', "Firmware: unknown key; did you mean 'firmware'?"],
    ['autosart: true', "autosart: unknown key; did you mean 'autostart'?"],
    ['vcpu: 2', "vcpu: unknown key; did you mean 'cpu'?"],
    ['fqdn: a.b', 'fqdn: unknown key; it belongs under cloud_init or provisioning'],
    ['size_gb: 1', 'size_gb: unknown key; it belongs under boot_disk or data_disks'],
    ['__proto__: {}', `__proto__: unknown key; ${TOP}`],
    ['constructor: 1', `constructor: unknown key; ${TOP}`],
    ['toString: 1', `toString: unknown key; ${TOP}`],
    ['<<: {}', '"<<": unknown key; merge keys are not supported, write the keys out'],
    ['1: 1', `1: unknown key; ${TOP}`],
    ['"a b\\n": 1', `"a b\\n": unknown key; ${TOP}`],
    ['"": 1', `"": unknown key; ${TOP}`],
    ['? [a]\n: 1', 'has a key that is not plain text'],
    [': 1', 'has a key that is not plain text'],
    ['!foo a: 1', 'has a key that is not plain text'],
  ])('cannot have %s', (line, diagnostic) => {
    const [first = '', ...more] = outcome(SMALLEST + line);
    expect(first).toBe('validation');
    expect(more.map((found) => found.replace(/^vm\.yaml:11:[0-9]: /, ''))).toStrictEqual([diagnostic]);
  });

  it.each(['!foo 2', '!!binary aGk=', '!!set {a}', '!!omap [a: 1]', '!!timestamp 2001-01-01'])(
    'cannot have the tag of %s',
    (value) => {
      const lines = outcome(changed('name: my-vm', `name: ${value}`));
      expect(lines).toHaveLength(2);
      expect(lines[1]).toMatch(/^vm\.yaml:1:\d+: name: tags \(!\) are not supported; put text in quotes$/);
    },
  );

  it('has a misspelt required key told once, as what it is', () => {
    expect(outcome(changed('vcpus', 'vpcus'))).toStrictEqual([
      'validation',
      "vm.yaml:2:1: vpcus: unknown key; did you mean 'vcpus'?",
    ]);
  });

  it('has its words in other sets told', () => {
    expect(
      outcome(`${SMALLEST}firmware: efi\ncpu_mode: host\nautostart: on\nvirt_type: xen\n`),
    ).toStrictEqual([
      'validation',
      'vm.yaml:11:11: firmware: must be uefi or bios, got "efi"; did you mean uefi?',
      'vm.yaml:12:11: cpu_mode: must be host-model or host-passthrough or maximum, got "host"',
      'vm.yaml:13:12: autostart: expected true or false, found the text "on"; did you mean true?',
      'vm.yaml:14:12: virt_type: must be kvm or qemu, got "xen"',
    ]);
  });

  it('has all mistakes told at once, in the order of the file', () => {
    const text = `vcpus: -1
name: x y
boot_disk:
  empty: true
  image: /a
  size_gb: "5"
data_disks:
  - {device: vdb, size_gb: 1}
  - {device: vdb, size_gb: 1, colour: red}
network_interfaces:
  - ip: 10.0.0.2/24
    gateway: 10.0.0.2
`;
    expect(outcome(text)).toStrictEqual([
      'validation',
      'vm.yaml:1:1: memory_gib: is required (a whole number, or memory_mib instead)',
      'vm.yaml:1:8: vcpus: must be at least 1, got -1',
      'vm.yaml:2:7: name: must start and end with a letter or digit and hold only a-z, 0-9, -, _ and single dots, got "x y"',
      'vm.yaml:4:10: boot_disk.empty: an empty disk has no image; keep one of image and empty',
      'vm.yaml:6:12: boot_disk.size_gb: expected a whole number, found the text "5" (remove the quotes)',
      'vm.yaml:9:14: data_disks[1].device: vdb is already the device of data_disks[0]',
      'vm.yaml:9:31: data_disks[1].colour: unknown key; known here are device, size_gb, cache, discard, io_limits',
      'vm.yaml:11:5: network_interfaces[0].bridge: is required (text), unless mode: ethernet says that the interface is routed',
      'vm.yaml:12:14: network_interfaces[0].gateway: 10.0.0.2 is the address of the VM itself',
    ]);
  });

  it('has at most fifty mistakes told', () => {
    const lines = outcome(SMALLEST + Array.from({ length: 60 }, (_, index) => `k${index}x: 1\n`).join(''));
    expect(lines).toHaveLength(52);
    expect(lines.at(-1)).toBe('vm.yaml: and 10 more');
  });
});

describe('a position', () => {
  it.each([
    ['after a byte order mark', `\uFEFF${changed('my-vm', 'x y')}`, '1:7'],
    [
      'with CRLF',
      changed('my-vm', 'my-vm\nvcpus: x\nmemory_gib: 1')
        .replaceAll('\n', '\r\n')
        .replace('memory_gib: 4\r\n', '')
        .replace('vcpus: 2\r\n', ''),
      '2:8',
    ],
    ['after a document start', `%YAML 1.2\n---\n${changed('my-vm', 'x y')}`, '3:7'],
    [
      'of an aliased value is that of the alias',
      changed('vcpus: 2', 'vcpus: *n').replace('name: my-vm', 'name: &n my-vm'),
      '2:8',
    ],
  ])('%s is right', (_, text, position) => {
    expect(outcome(text)[1]).toMatch(new RegExp(`^vm\\.yaml:${position}: `));
  });

  it('inside an aliased map is that in the map', () => {
    expect(outcome(`${SMALLEST}data_disks:\n  - &d {device: vda, size_gb: 1}\n  - *d\n`)).toStrictEqual([
      'validation',
      'vm.yaml:12:17: data_disks[0].device: vda is the boot disk; data disks are vdb to vdz',
      'vm.yaml:12:17: data_disks[1].device: vda is the boot disk; data disks are vdb to vdz',
    ]);
  });

  it.each([
    [['boot_disk', 'image'], 'vm.yaml:6:10: boot_disk.image'],
    [['boot_disk', 'format'], 'vm.yaml:4:1: boot_disk.format'],
    [['network_interfaces', 0, 'bridge'], 'vm.yaml:10:13: network_interfaces[0].bridge'],
    [['network_interfaces', 3, 'bridge'], 'vm.yaml:7:1: network_interfaces[3].bridge'],
    [['virt_type'], 'vm.yaml:1:1: virt_type'],
    [['name'], 'vm.yaml:1:7: name'],
    [[], 'vm.yaml:1:1'],
  ])('of %j is found', (path, place) => {
    expect(loadMachine('vm.yaml', SMALLEST, { virtType: undefined }).locate(path)).toBe(place);
  });

  it('has the name of the file without its control characters', () => {
    expect(() => loadMachine('a\u001b[2J.yaml', '', { virtType: undefined })).toThrow(
      'a\\u{1b}[2J.yaml:1:1: ',
    );
  });
});

describe('aliases', () => {
  it('stand for their values', () => {
    const dns =
      '    dns_servers: &dns [8.8.8.8]\n  - {ip: 10.1.0.2/24, gateway: 10.1.0.1, bridge: br1, dns_servers: *dns}\n';
    const { machine } = loadMachine('vm.yaml', SMALLEST + dns, { virtType: undefined });
    expect(machine.interfaces.map(({ dnsServers }) => dnsServers)).toStrictEqual([['8.8.8.8'], ['8.8.8.8']]);
  });

  it('stand for the anchor last seen above them', () => {
    const text = SMALLEST.replace('vcpus: 2', 'vcpus: &n 2').replace('memory_gib: 4', 'memory_gib: &n 8');
    const { machine } = loadMachine('vm.yaml', text.replace('size_gb: 10', 'size_gb: *n'), {
      virtType: undefined,
    });
    expect(machine.bootDisk.sizeGib).toBe(8);
  });
});
