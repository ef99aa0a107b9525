import { describe, expect, it } from 'vitest';
import { checkText } from '../../../src/config/vm-file/check.ts';
import { describe as inOneLine } from '../../../src/config/diagnostics/diagnostic.ts';

const SOUND = `name: web
vcpus: 2
memory_gib: 4
boot_disk:
  size_gb: 20
  image: /img/a.qcow2
network_interfaces:
  - ip: 10.0.0.2/24
    gateway: 10.0.0.1
    bridge: br0
`;

/** All that is said of a text, a line each. */
function told(text: string): readonly string[] {
  return checkText('a.yaml', text, { virtType: undefined }).diagnostics.map(inOneLine);
}

/** All that is said of the file above with one thing changed. */
function changed(from: string, to: string): readonly string[] {
  expect(SOUND).toContain(from);
  return told(SOUND.replace(from, to));
}

describe('a number', () => {
  it.each([
    ['010', 'programs read 010 differently; write 10'],
    ['1e1', 'programs read 1e1 differently; write 10'],
    ['0x10', 'programs read 0x10 differently; write 16'],
    ['0o10', 'programs read 0o10 differently; write 8'],
  ])('written %s is refused', (written, text) => {
    expect(changed('vcpus: 2', `vcpus: ${written}`)).toStrictEqual([`a.yaml:2:8: vcpus: ${text}`]);
  });

  it('is not what is said where text is expected, nor of text', () => {
    expect(changed('name: web', 'name: 0123')).toStrictEqual([
      'a.yaml:1:7: name: expected text, found the number 123 (put it in quotes)',
    ]);
    expect(changed('name: web', "name: '0123'")).toStrictEqual([]);
  });

  it('is the size of a disk up to what QEMU makes', () => {
    expect(changed('size_gb: 20', 'size_gb: 2097152')).toStrictEqual([]);
    expect(changed('size_gb: 20', 'size_gb: 5000000')).toStrictEqual([
      'a.yaml:5:12: boot_disk.size_gb: must be at most 2097152 (2 PiB, the most that qcow2 holds), got 5000000',
    ]);
  });
});

describe('an address', () => {
  it('needs a subnet that is not everything', () => {
    expect(changed('10.0.0.2/24', '10.0.0.2/0')).toStrictEqual([
      'a.yaml:8:9: network_interfaces[0].ip: must end in a prefix length of 1 to 32: with /0 no packet would go to the gateway, got "10.0.0.2/0"',
    ]);
  });
});

describe('a key that other tools have', () => {
  it.each([
    ['memory_gib: 4', 'memory: 4', 'a.yaml:3:1: memory', 'memory_gib'],
    ['memory_gib: 4', 'ram: 4', 'a.yaml:3:1: ram', 'memory_gib'],
    ['vcpus: 2', 'cores: 2', 'a.yaml:2:1: cores', 'vcpus'],
    ['size_gb: 20', 'size: 20', 'a.yaml:5:3: boot_disk.size', 'size_gb'],
  ])('instead of %s, as in %s, gets a suggestion and nothing else', (from, to, where, meant) => {
    expect(changed(from, to)).toStrictEqual([`${where}: unknown key; did you mean '${meant}'?`]);
  });

  it('is nobody called constructor', () => {
    expect(changed('vcpus: 2', 'vcpus: 2\nconstructor: 1')[0]).toContain('unknown key; known here are ');
  });
});

describe('a merge key', () => {
  it('is told without what follows from it', () => {
    const text = `x-common: &common\n  vcpus: 2\n  memory_gib: 4\n<<: *common\nname: web\nboot_disk: { size_gb: 1, empty: true }\n`;
    expect(told(text)).toStrictEqual([
      "a.yaml:1:1: x-common: unknown key; there are no keys of one's own, write what is in it where it belongs",
      'a.yaml:4:1: "<<": unknown key; merge keys are not supported, write the keys out',
    ]);
  });
});

describe('a quote that is not closed', () => {
  it.each([
    ['name: "web\nvcpus: 2\n', '1:7'],
    ["vcpus: 2\nname: 'web\n", '2:7'],
    ["name: 'it''s\nvcpus: 2\n", '1:7'],
    ["name: '''s\n", '1:7'],
    ['name: "a \\" b\n', '1:7'],
    ['name: "a \\\\\n', '1:7'],
    ['"', '1:1'],
    ["'", '1:1'],
  ])('%j is told where it opens', (text, place) => {
    expect(told(text)).toStrictEqual([`a.yaml:${place}: a quote is opened here and not closed`]);
  });
});

describe('a name in capitals', () => {
  it('is told to be made lower case', () => {
    expect(changed('name: web', 'name: QA-Web')).toStrictEqual([
      "a.yaml:1:7: name: the VM is called 'qa-web', in lower case",
    ]);
  });
});
