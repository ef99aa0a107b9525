import { describe, expect, it } from 'vitest';

import { changed, outcome } from './sample.ts';

describe('a number', () => {
  it.each([
    ['"4"', 'expected a whole number, found the text "4" (remove the quotes)'],
    ['four', 'expected a whole number, found the text "four"'],
    ['8GiB', 'expected a whole number, found the text "8GiB" (write the number alone, its unit is fixed)'],
    ['1_000', 'expected a whole number, found the text "1_000"'],
    ['4.5', 'expected a whole number, found the number 4.5'],
    ['.inf', 'expected a whole number, found the number .inf'],
    ['-.inf', 'expected a whole number, found the number -.inf'],
    ['.nan', 'expected a whole number, found the number .nan'],
    ['1e400', 'expected a whole number, found the number .inf'],
    ['null', 'expected a whole number, found nothing'],
    ['', 'expected a whole number, found nothing'],
    ['true', 'expected a whole number, found true'],
    ['[4]', 'expected a whole number, found a list'],
    ['{a: 4}', 'expected a whole number, found a map'],
    ['-1', 'must be at least 1, got -1'],
    ['0', 'must be at least 1, got 0'],
    ['1e9', 'must be at most 4096 (more than any guest can have), got 1000000000'],
    [
      '99999999999999999999',
      'must be at most 4096 (more than any guest can have), got 100000000000000000000',
    ],
    ['-99999999999999999999', 'must be at least 1, got -100000000000000000000'],
    ['4097', 'must be at most 4096 (more than any guest can have), got 4097'],
  ])('vcpus cannot be %j', (value, text) => {
    expect(outcome(changed('vcpus: 2', `vcpus: ${value}`))).toStrictEqual([
      'validation',
      `vm.yaml:2:8: vcpus: ${text}`,
    ]);
  });

  it.each(['4', '4.0', '4 # four', '&four 4', '!!int 4'])('vcpus can be %s', (value) => {
    expect(outcome(changed('vcpus: 2', `vcpus: ${value}`))).toStrictEqual(['loaded']);
  });

  it.each([
    ['memory_gib: 4', 'memory_gib: 65537', '3:13: memory_gib: must be at most 65536 (64 TiB), got 65537'],
    [
      'memory_gib: 4',
      'memory_gib: 0.5',
      '3:13: memory_gib: must be a whole number; for 0.5 GiB write memory_mib: 512 instead',
    ],
    [
      'size_gb: 10',
      'size_gb: 8388608',
      '5:12: boot_disk.size_gb: must be at most 2097152 (2 PiB, the most that qcow2 holds), got 8388608',
    ],
    ['size_gb: 10', 'size_gb: 0', '5:12: boot_disk.size_gb: must be at least 1, got 0'],
  ])('%s cannot become %s', (from, to, line) => {
    expect(outcome(changed(from, to))).toStrictEqual(['validation', `vm.yaml:${line}`]);
  });
});

const PATTERN = 'must start and end with a letter or digit and hold only a-z, 0-9, -, _ and single dots, got';

describe('a name', () => {
  it.each([
    ['a', 'must have at least two characters, got "a"'],
    ['""', 'must have at least two characters, got ""'],
    ['x'.repeat(300), 'must have at most 63 characters (it becomes a host name), got 300'],
    ['x'.repeat(64), 'must have at most 63 characters (it becomes a host name), got 64'],
    ['my vm', `${PATTERN} "my vm"`],
    ['../etc', `${PATTERN} "../etc"`],
    ['..', `${PATTERN} ".."`],
    ['a/b', `${PATTERN} "a/b"`],
    [`'a"b'`, `${PATTERN} "a\\"b"`],
    ['-a', `${PATTERN} "-a"`],
    ['a_', `${PATTERN} "a_"`],
    ['vm..local', `${PATTERN} "vm..local"`],
    ['vm.', `${PATTERN} "vm."`],
    ['.vm', `${PATTERN} ".vm"`],
    ['größe', `${PATTERN} "größe"`],
    ['"vm\\u212A"', `${PATTERN} "vm\u212A"`],
    ['"a\\nb"', `${PATTERN} "a\\nb"`],
    ['"a\\eb\\x7f\\u202E"', `${PATTERN} "a\\u001bb\\u{7f}\\u{202e}"`],
    ['12', 'expected text, found the number 12 (put it in quotes)'],
    ['true', 'expected text, found true (put it in quotes)'],
    ['[vm]', 'expected text, found a list (put it in quotes)'],
    ['', 'expected text, found nothing'],
  ])('cannot be %s', (name, text) => {
    expect(outcome(changed('name: my-vm', `name: ${name}`))).toStrictEqual([
      'validation',
      `vm.yaml:1:7: name: ${text}`,
    ]);
  });

  it.each(['ab', 'My_VM-2', 'vm-1.lab.example.org', 'x'.repeat(63), '"12"', 'no', '2024-01-01'])(
    'can be %s',
    (name) => {
      expect(outcome(changed('my-vm', name))[0]).toBe('loaded');
    },
  );
});

describe('an fqdn', () => {
  const part = 'each part must have 1 to 63 of a-z, 0-9 and -, and not start or end with -, got';
  it.each([
    ['web', 'must be a host name with its domain, such as web.example.com, got "web"'],
    ['"my host"', 'must be a host name with its domain, such as my-vm.example.com, got "my host"'],
    ['a.example.com.', 'must not end with a dot, got "a.example.com."'],
    ['a..b', `${part} ""`],
    ['-a.b', `${part} "-a"`],
    ['a.b-', `${part} "b-"`],
    ['a_b.c', `${part} "a_b"`],
    [`${'x'.repeat(64)}.de`, `${part} "${'x'.repeat(60)}…"`],
    [`${'x.'.repeat(126)}xy`, 'must have at most 253 characters, got 254'],
    ['10.0.0.1', 'must be a name, and its last part must not be a number, got "10.0.0.1"'],
    ['4', 'expected text, found the number 4 (put it in quotes)'],
  ])('cannot be %s', (fqdn, text) => {
    expect(outcome(`${changed('', '')}cloud_init:\n  fqdn: ${fqdn}\n`)).toStrictEqual([
      'validation',
      `vm.yaml:12:9: cloud_init.fqdn: ${text}`,
    ]);
  });
});
