import { afterAll, describe, expect, it } from 'vitest';
import { tally } from '../tally.ts';
import { Feeder } from './feed.ts';

/** As much as plow reads. */
const MOST_BYTES = 128 * 1024;

/** Repeated to the brim: every sign of YAML, and what costs a parser most. */
const PIECES = [
  ...Array.from('[]{},:?-#&*!|>%@`"\'\\ \n\ta'),
  '- ',
  '? ',
  ': ',
  '&a ',
  '! ',
  '*a ',
  'a: ',
  'a:\n',
  '- a\n',
  '- - a\n',
  '- ? ',
  '[a,',
  '[[],',
  '{a: ',
  '{"a":',
  '[]',
  '{} ',
  '""',
  '"\\',
  "''\n",
  '|\n',
  '- |\n',
  '- "a\n',
  '? [a]\n: b\n',
  '- !a &b c\n',
  '- &a [*a]\n',
  '<<: *a\n',
  '---\n',
  '...\n',
  '%TAG\n',
  '!<a> ',
  'a\n: b\n',
  '\r\n',
  '\u2028',
  '\u{1f600}',
];

const STARTS = ['', 'name: ', '[', 'a: |\n  '];

/** Much text behind little of it, and a long key for every diagnostic to name. */
const AMPLIFIERS = [
  `cloud_init: {ssh_keys: [&a "${'x'.repeat(100_000)}"${', *a'.repeat(5000)}]}`,
  `data_disks: [&a {? "${'$abcdefg'.repeat(10_000)}"}${', *a'.repeat(5000)}]`,
  `? "${'$abcdefg'.repeat(8000)}"\n: [${'!x a,'.repeat(3900)}]`,
  Array.from({ length: 12_000 }, (_, index) => `k${index}: 1\n`).join(''),
];

const feeder = new Feeder();
afterAll(() => feeder.close());

describe('files as large as plow reads', () => {
  it('are refused within a second, and node outlives them', async () => {
    const texts: readonly (string | Buffer)[] = [
      ...PIECES.flatMap((piece) => STARTS.map((start) => filled(start, piece))),
      ...AMPLIFIERS,
      '['.repeat(100_000),
      '['.repeat(65_000) + ']'.repeat(65_000),
    ];
    const failures: string[] = [];
    for (const text of texts) {
      const fate = await feeder.feed(text).catch((error: unknown) => String(error));
      if (fate !== undefined)
        failures.push(`${JSON.stringify(text.toString().slice(0, 40))}: ${JSON.stringify(fate)}`);
    }
    tally('YAMLs tried', texts.length);
    expect(failures).toStrictEqual([]);
  });
});

function filled(start: string, piece: string): Buffer {
  const bytes = Buffer.from(start + piece.repeat(MOST_BYTES / Buffer.byteLength(piece)));
  return bytes.subarray(0, MOST_BYTES);
}
