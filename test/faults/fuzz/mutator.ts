import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LINES, SURPRISES, VALUES } from './nasty.ts';
import type { Random } from './seed.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));

const TEXTS: readonly string[] = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.yaml'))
  .toSorted()
  .map((name) => readFileSync(`${EXAMPLES}/${name}`, 'utf8'));

type TextMutation = (text: string, random: Random) => string;

/**
 * A file that began as one of the texts; every fourth has one harmless change, the rest up to three of any
 * kind.
 */
export function mutant(random: Random, texts: readonly string[] = TEXTS): Buffer {
  const gentle = random.below(4) === 0;
  const rounds = 1 + random.below(gentle ? 1 : 3);
  let text = random.pick(texts);
  for (let round = 0; round < rounds; round += 1) {
    text = random.pick(gentle || random.below(3) === 0 ? GENTLE : ROUGH)(text, random);
  }
  const bytes = Buffer.from(text);
  return !gentle && random.below(8) === 0 ? flipBytes(bytes, random) : bytes;
}

/** Mutations after which the file often describes a VM still. */
const GENTLE: readonly TextMutation[] = [
  (text, random) => insertLine(text, random, `# ${random.pick(SURPRISES)}`),
  (text, random) => insertLine(text, random, random.pick(['', '   ', '#'])),
  (text, random) => replaceValue(text, 'name', allowedName(random)),
  (text, random) => replaceValue(text, 'image', JSON.stringify(`/img/${surprising(random)}a`)),
  (text, random) => replaceValue(text, 'fqdn', `${allowedName(random).replaceAll('_', '')}.example.com`),
  (text, random) => text.replaceAll('you@workstation', () => surprising(random).replaceAll(/[\r\n]/g, '')),
  (text, random) => replaceValue(text, 'size_gb', random.pick(['1', '0x10', '0o7', '+3', '2097152', '1e3'])),
  (text, random) => replaceValue(text, 'vcpus', random.pick(['1', '4096', '0x7', '16.0'])),
  (text, random) => `${text}\n${random.pick(['cpu_mode: host-passthrough', 'virt_type: kvm', 'x: &a 1'])}\n`,
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => `\ufeff${text}`,
  (text) => `---\n${text}...\n`,
];

/** Mutations after which it seldom does. */
const ROUGH: readonly TextMutation[] = [
  (text, random) => editLines(text, random, (lines, at) => lines.toSpliced(at, 1)),
  (text, random) => editLines(text, random, (lines, at) => lines.toSpliced(at, 0, lines[at] ?? '')),
  swapLines,
  (text, random) => insertLine(text, random, random.pick(LINES)),
  renameKey,
  (text, random) => replaceValue(text, anyKey(text, random), random.pick(VALUES)),
  (text, random) => replaceValue(text, anyKey(text, random), random.pick(VALUES)),
  (text, random) => replaceValue(text, anyKey(text, random), monster(random)),
  (text, random) => splice(text, random, random.pick(VALUES)),
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => text + random.pick(TEXTS),
  (text, random) => editLines(text, random, (lines, at) => lines.with(at, `  ${lines[at] ?? ''}`)),
];

/** Values of a size that hurts a careless reader. */
function monster(random: Random): string {
  const depth = random.pick([40, 60, 1000, 60_000]);
  const texts: readonly (() => string)[] = [
    () => '['.repeat(depth) + ']'.repeat(depth),
    () => '{a: '.repeat(depth / 4) + '}'.repeat(depth / 4),
    () => '- '.repeat(depth),
    () => '9'.repeat(depth),
    () => `[&a "${'x'.repeat(1000)}"${', *a'.repeat(random.pick([10, 200, 5000]))}]`,
    () => `\n${billionLaughs(random.pick([3, 5, 9]))}`,
    () => `"${'\u202e'.repeat(depth / 4)}"`,
    () => 'x'.repeat(random.pick([1000, 100_000, 2 ** 20])),
  ];
  return random.pick(texts)();
}

/** Lists of nine aliases of the list before. */
function billionLaughs(levels: number): string {
  const lines = Array.from({ length: levels }, (_, level) => {
    const item = level === 0 ? 'lol' : `*l${level - 1}`;
    return `  - &l${level} [${Array.from({ length: 9 }, () => item).join(', ')}]`;
  });
  return lines.join('\n');
}

/** Names that a VM may have, most of which YAML 1.1 or 1.2 does not take for text. */
function allowedName(random: Random): string {
  const names = [
    'no',
    'yes',
    'on',
    'null',
    'true',
    '1e3',
    '0x10',
    '0o17',
    '010',
    '1_000',
    '12',
    'a--b',
    'NaN',
    'Ab',
  ];
  return JSON.stringify(random.pick([...names, '2024-01-01', 'x'.repeat(63), 'my_vm', '0b1', 'inf']));
}

function surprising(random: Random): string {
  return Array.from({ length: 1 + random.below(3) }, () => random.pick(SURPRISES)).join('');
}

function editLines(text: string, random: Random, edit: (lines: string[], at: number) => string[]): string {
  const lines = text.split('\n');
  return edit(lines, random.below(lines.length)).join('\n');
}

function insertLine(text: string, random: Random, line: string): string {
  return editLines(text, random, (lines, at) => lines.toSpliced(at, 0, line));
}

function swapLines(text: string, random: Random): string {
  return editLines(text, random, (lines, one) => {
    const other = random.below(lines.length);
    return lines.with(one, lines[other] ?? '').with(other, lines[one] ?? '');
  });
}

function anyKey(text: string, random: Random): string {
  const keys = Array.from(text.matchAll(/^[ -]*(\w+):/gm), ([, key]) => key ?? '');
  return keys.length === 0 ? 'name' : random.pick(keys);
}

/** A function as replacement: a `$` in the value is just that. */
function replaceValue(text: string, key: string, value: string): string {
  return text.replace(new RegExp(`^([ -]*${key}:).*$`, 'm'), (_, before: string) => `${before} ${value}`);
}

function renameKey(text: string, random: Random): string {
  const key = anyKey(text, random);
  const renamed = random.pick([...SURPRISES, 'Name', 'v-cpus', 'memory', 'image', 'ip', 'x'.repeat(2000)]);
  return text.replace(new RegExp(`^([ -]*)${key}:`, 'm'), (_, before: string) => `${before}${renamed}:`);
}

function splice(text: string, random: Random, piece: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + piece + text.slice(at + random.below(4));
}

function flipBytes(bytes: Buffer, random: Random): Buffer {
  for (let count = 1 + random.below(4); count > 0 && bytes.length > 0; count -= 1) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return bytes;
}
