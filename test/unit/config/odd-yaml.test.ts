import { describe, expect, it } from 'vitest';

import { outcome, SMALLEST } from './sample.ts';

/** Values that YAML reads in surprising ways, or not at all. */
const VALUES = [
  '',
  '~',
  'null',
  'Null',
  'true',
  'yes',
  'on',
  'n',
  '0',
  '-0',
  '+1',
  '1.',
  '.5',
  '1e3',
  '0x',
  '0xFFFFFFFFFFFFFFFFFF',
  '0o9',
  '1:30',
  '.inf',
  '-.INF',
  '.NaN',
  '2024-01-01T00:00:00Z',
  '=',
  '<<',
  '*',
  '*a',
  '&',
  '&a',
  '&a &b 1',
  '&a *a',
  '!',
  '!!',
  '!!str',
  '!!str 1',
  '!!int x',
  '!!null x',
  '!!map []',
  '!!seq {}',
  '!!binary x',
  '!<tag:yaml.org,2002:str> 1',
  '!e!x 1',
  '!<x',
  '|',
  '>',
  '|-1',
  '|9',
  '>+\n  a',
  '|\n a\n  b\n c',
  '"',
  "'",
  '"\\',
  '"\\x"',
  '"\\uD800"',
  '"\\U00110000"',
  '"\\0"',
  '"a\n  b"',
  "'a''b'",
  '[',
  ']',
  '{',
  '}',
  '[]',
  '{}',
  '[[]]',
  '[,]',
  '[1,,2]',
  '[a: b]',
  '[? a]',
  '{a}',
  '{a, b}',
  '{a: }',
  '{: a}',
  '{[a]: b}',
  '{{a: b}: c}',
  '{? [a, b] : c}',
  '{"__proto__": 1}',
  '{__proto__: {x: 1}}',
  '{constructor: {prototype: 1}}',
  '{toString: 1}',
  '{1: 2, "1": 3}',
  '{a: 1, a: 2}',
  '{null: 1}',
  '{~: 1}',
  '{true: 1}',
  '{1.5: 1}',
  '{*a : 1}',
  '{&a b: *a}',
  '{!!str a: 1}',
  '- a',
  '- - a',
  '? a',
  ': a',
  'a: b',
  'a: b: c',
  '\n  - a\n - b',
  '\n  a: 1\n   b: 2',
  '\n\ta: 1',
  '\n- a',
  '\n-a',
  '\n  -\n  -',
  '\n  ? a\n  : b',
  '\n  ? - a\n  : - b',
  '@',
  '`',
  '%',
  ',',
  '#',
  ' # x',
  '#x',
  'a #b',
  'a#b',
  '-',
  '--',
  '---',
  '...',
  '\n---',
  '\n...',
  '\n---\n---',
  '\n...\nx',
  '\n%YAML 1.1\n---\n',
  '\0',
  '\u0001',
  '\u001b[31m',
  '\u007f',
  '\u0085',
  '\u2028',
  '\uFEFF',
  '\uFFFE',
  '\uD800',
  '\u{1F600}',
  '\r',
  '\r\n',
  '\u00A0',
  '\u3000',
  'a'.repeat(2000),
  `"${'\\n'.repeat(500)}"`,
  '['.repeat(300) + ']'.repeat(300),
  '- '.repeat(300),
  '{a: '.repeat(300) + '}'.repeat(300),
  '$6$a$b',
  '-----BEGIN OPENSSH PRIVATE KEY-----',
  'ssh-rsa',
  '${HOME}',
  '$(id)',
  '%s%n',
];

/** Whole files. */
const TEXTS = [
  ...VALUES,
  ...VALUES.map((value) => `x: ${value}`),
  '%YAML 1.1\n---\nautostart: yes\n',
  '%YAML 9.9\n---\na: 1\n',
  '%TAG ! tag:x,2000:\n---\n!a b\n',
  '%FOO\n---\na: 1\n',
  '--- |\ntext',
  '--- {a: 1}\n...\n',
  '&a [*a, *a]',
  '&a {a: *a}',
  'a: &x {b: *x}',
  '? |\n  block key\n: - one\n',
  'a: 1\n b: 2\n',
  ' a: 1\nb: 2\n',
  'a:1\nb:2\n',
  '{\n"name": "json",\n"vcpus": 1\n}\n',
  'key: [a, b\nother: 1\n',
  '<?xml version="1.0"?>\n<domain/>\n',
  '#!/bin/sh\necho hello\n',
  'PK\u0003\u0004\u0014',
  '\u007fELF\u0002\u0001',
];

const KEYS = [
  ['name', 1],
  ['vcpus', 2],
  ['boot_disk', 4],
  ['network_interfaces', 7],
] as const;

function replaced(key: string, line: number, value: string): string {
  const lines = SMALLEST.split('\n');
  const end = lines.findIndex((text, index) => index >= line && !text.startsWith(' '));
  return [...lines.slice(0, line - 1), `${key}: ${value}`, ...lines.slice(end)].join('\n');
}

/** One line of a message: printable, begins with its place, not without measure. */
const LINE = /^vm\.yaml:[1-9]\d*:[1-9]\d*: [^\p{C}\p{Zl}\p{Zp}]{1,500}$/u;

function unfit(text: string): readonly string[] {
  const [kind = '', ...lines] = outcome(text);
  return ['loaded', 'config', 'validation'].includes(kind)
    ? lines.filter((line) => !LINE.test(line))
    : [kind];
}

describe('odd YAML', () => {
  it('as a whole file ends in readable diagnostics with their places', () => {
    expect(TEXTS.flatMap(unfit)).toStrictEqual([]);
    expect(TEXTS.filter((text) => outcome(text)[0] === 'loaded')).toStrictEqual([]);
  });

  it.each(KEYS)('as value of %s ends in readable diagnostics with their places', (key, line) => {
    expect(VALUES.flatMap((value) => unfit(replaced(key, line, value)))).toStrictEqual([]);
  });

  it.each(['fqdn', 'ssh_keys', 'root_password_hash', 'ssh_pwauth'])(
    'as value of cloud_init.%s ends in readable diagnostics with their places',
    (key) => {
      const texts = VALUES.map(
        (value) => `${SMALLEST}cloud_init:\n  ${key}: ${value.replaceAll('\n', '\n  ')}\n`,
      );
      expect(texts.flatMap(unfit)).toStrictEqual([]);
    },
  );

  it.each([
    ['brackets', '['],
    ['closing brackets', ']'],
    ['dashes', '- '],
    ['anchors', '&a '],
    ['tags', '! '],
    ['aliases', 'a: [*a, '],
    ['keys', 'a: '],
    ['empty lines', '\n'],
  ])('of many %s and nothing else is done within the time of a test', (_, piece) => {
    expect(unfit(piece.repeat((32 * 1024) / piece.length))).toStrictEqual([]);
  });

  it('of many different keys is done within the time of a test', () => {
    const keys = Array.from({ length: 2_800 }, (_, index) => `k${index}: 1\n`).join('');
    expect(outcome(keys)[0]).toBe('validation');
  });
});
