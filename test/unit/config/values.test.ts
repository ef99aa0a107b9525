import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../../src/config/vm-file/load.ts';
import type { Machine } from '../../../src/config/machine.ts';
import { changed, outcome, SMALLEST } from './sample.ts';

function machineOf(text: string): Machine {
  return loadMachine('vm.yaml', text, { virtType: undefined }).machine;
}

const told = (text: string): readonly string[] => outcome(text).slice(1);

const withMac = (mac: string): string => changed('    bridge: br0', `    bridge: br0\n    mac: ${mac}`);
const withMtu = (mtu: string): string => changed('    bridge: br0', `    bridge: br0\n    mtu: ${mtu}`);

describe('memory', () => {
  it.each([
    ['memory_gib: 4', 4096],
    ['memory_mib: 1536', 1536],
  ])('%s is so many MiB: %i', (line, mib) => {
    expect(machineOf(changed('memory_gib: 4', line)).memoryMib).toBe(mib);
  });

  it.each([
    [
      'memory_gib: 1.5',
      '3:13: memory_gib: must be a whole number; for 1.5 GiB write memory_mib: 1536 instead',
    ],
    [
      'memory_gib: 0.0001',
      '3:13: memory_gib: must be a whole number; for 0.0001 GiB write memory_mib: 1 instead',
    ],
    ['memory_gib: -1.5', '3:13: memory_gib: expected a whole number, found the number -1.5'],
    ['memory_mib: 0', '3:13: memory_mib: must be at least 1, got 0'],
    ['memory_mib: 67108865', '3:13: memory_mib: must be at most 67108864 (64 TiB), got 67108865'],
    ['memory_mb: 1024', "3:1: memory_mb: unknown key; did you mean 'memory_mib'?"],
    ['', '1:1: memory_gib: is required (a whole number, or memory_mib instead)'],
  ])('cannot be %s', (line, diagnostic) => {
    expect(told(changed('memory_gib: 4', line))).toStrictEqual([`vm.yaml:${diagnostic}`]);
  });

  it('is said once', () => {
    expect(told(`${SMALLEST}memory_mib: 4096\n`)).toStrictEqual([
      'vm.yaml:11:13: memory_mib: memory_gib says how much already; keep one of them',
    ]);
  });
});

describe('a MAC address', () => {
  it('may be given, and becomes lower case', () => {
    expect(machineOf(withMac('"52:54:00:AB:cd:01"')).interfaces[0]?.mac).toBe('52:54:00:ab:cd:01');
  });

  it.each([
    ['"52:54:00:ab:cd"', 'must be a MAC address, such as 52:54:00:12:34:56, got "52:54:00:ab:cd"'],
    ['52-54-00-ab-cd-01', 'must be a MAC address, such as 52:54:00:12:34:56, got "52-54-00-ab-cd-01"'],
    [
      '"01:00:5e:00:00:01"',
      '01:00:5e:00:00:01 is a group address: the first byte of a MAC address must be even',
    ],
    ['"00:00:00:00:00:00"', '00:00:00:00:00:00 is no address of an interface'],
  ])('cannot be %s', (mac, diagnostic) => {
    expect(told(withMac(mac))).toStrictEqual([`vm.yaml:11:10: network_interfaces[0].mac: ${diagnostic}`]);
  });

  it('belongs to one interface, also where another makes it from its IP address', () => {
    const second = '  - { ip: 10.0.0.3/24, gateway: 10.0.0.1, bridge: br0, mac: "BE:EF:0A:00:00:02" }\n';
    expect(told(SMALLEST + second)).toStrictEqual([
      'vm.yaml:11:61: network_interfaces[1].mac: the MAC address be:ef:0a:00:00:02 is already that of network_interfaces[0]',
    ]);
  });
});

describe('an MTU', () => {
  it('may be given', () => {
    expect(machineOf(withMtu('9000')).interfaces[0]?.mtu).toBe(9000);
  });

  it.each([
    ['500', 'must be at least 576, got 500'],
    ['65536', 'must be at most 65535 (the longest IPv4 packet), got 65536'],
    ['9000.5', 'expected a whole number, found the number 9000.5'],
  ])('cannot be %s', (mtu, diagnostic) => {
    expect(told(withMtu(mtu))).toStrictEqual([`vm.yaml:11:10: network_interfaces[0].mtu: ${diagnostic}`]);
  });
});

describe('disks', () => {
  it('say how they cache and discard', () => {
    const text = changed('size_gb: 10', 'size_gb: 10\n  cache: writeback\n  discard: unmap');
    expect(machineOf(text).bootDisk).toMatchObject({ cache: 'writeback', discard: 'unmap' });
  });

  it.each([
    ['cache: on', 'cache: must be none or writeback or writethrough or directsync or unsafe, got "on"'],
    ['discard: true', 'discard: must be ignore or unmap, got true'],
    [
      'cache: writebak',
      'cache: must be none or writeback or writethrough or directsync or unsafe, got "writebak"; did you mean writeback?',
    ],
  ])('cannot say %s', (line, diagnostic) => {
    const [first, ...more] = told(changed('size_gb: 10', `size_gb: 10\n  ${line}`));
    expect(first).toContain(`: boot_disk.${diagnostic}`);
    expect(more).toStrictEqual([]);
  });
});

describe('the machine type, the description and the tags', () => {
  it('are kept', () => {
    const text = `${SMALLEST}machine: pc-q35-7.2\ndescription: "Web \\u00e9\\n\\ttwo"\ntags: [web, env:prod, A/b_c.d-1]\n`;
    expect(machineOf(text)).toMatchObject({
      machineType: 'pc-q35-7.2',
      description: 'Web \u00e9\n\ttwo',
      tags: ['web', 'env:prod', 'A/b_c.d-1'],
    });
  });

  it.each([
    [
      'machine: isapc',
      '11:10: machine: must be q35, pc or virt, or one of them with a version such as pc-q35-7.2, got "isapc"',
    ],
    ['description: "a\\x07"', '11:14: description: must not hold control characters, got "a\\u0007"'],
    [`description: ${'a'.repeat(4097)}`, '11:14: description: must have at most 4096 characters, got 4097'],
    [
      'tags: [a b]',
      '11:8: tags[0]: must start and end with a letter or digit and hold only those, -, _, ., : and /, got "a b"',
    ],
    [`tags: [${'a'.repeat(64)}]`, '11:8: tags[0]: must have at most 63 characters, got 64'],
    ['tags: [a, b, a]', '11:14: tags[2]: a is already tags[0]'],
    [
      'tags: web',
      '11:7: tags: expected a list, found the text "web" (write each item on a line of its own, after "- ")',
    ],
  ])('cannot be %s', (line, diagnostic) => {
    expect(told(`${SMALLEST}${line}\n`)).toStrictEqual([`vm.yaml:${diagnostic}`]);
  });
});

describe('an image', () => {
  it.each([
    ['/dev/null', '/dev'],
    ['/proc/kmsg', '/proc'],
    ['/sys/a', '/sys'],
    ['/run/secrets/a', '/run'],
    ['/dev', '/dev'],
    ['//dev/loop0', '/dev'],
    ['/./dev/loop0', '/dev'],
    ['/var/../dev/loop0', '/dev'],
    ['/../dev//loop0', '/dev'],
  ])('cannot be %s', (path, place) => {
    expect(told(changed('/img/a.qcow2', path))).toStrictEqual([
      `vm.yaml:6:10: boot_disk.image: must be a file on a disk, not in ${place}`,
    ]);
  });

  it.each([
    ['//img/a', '/img/a'],
    ['/img//a', '/img/a'],
    ['/img/./a', '/img/a'],
    ['/img/../a', '/a'],
  ])('has one spelling, which %s is not', (path, plain) => {
    expect(told(changed('/img/a.qcow2', path))).toStrictEqual([
      `vm.yaml:6:10: boot_disk.image: must be written without //, . and .., as "${plain}", got "${path}"`,
    ]);
  });

  it('of an empty disk has no format', () => {
    const empty = 'empty: true\n  image_format: raw';
    expect(told(changed('image: /img/a.qcow2', empty))).toStrictEqual([
      'vm.yaml:7:17: boot_disk.image_format: an empty disk has no image, so image_format says nothing',
    ]);
  });
});
