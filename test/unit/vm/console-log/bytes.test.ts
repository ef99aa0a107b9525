import { describe, expect, it } from 'vitest';
import { lastLines, MOST_LINES, pieces } from '../../../../src/vm/console-log/bytes.ts';
import { logLines } from '../../../../src/vm/console-log/lines.ts';

const MIB = 2 ** 20;
const last = (text: string, most: number): string =>
  Buffer.from(lastLines(Buffer.from(text), most)).toString();

describe('the last lines of a log', () => {
  it.each([
    ['a\nb\nc\n', 2, 'b\nc\n'],
    ['a\nb\nc', 2, 'b\nc'],
    ['a\n\n\n', 2, '\n\n'],
    ['\n\n\n', 3, '\n\n\n'],
    ['\na', 1, 'a'],
    ['a\nb', 5, 'a\nb'],
    ['\n', 1, '\n'],
    ['', 1, ''],
  ])('of %j, %d of them, are %j', (text, most, expected) => {
    expect(last(text, most)).toBe(expected);
  });

  it('are so many that a guest which writes nothing but line ends costs no more than a long log', () => {
    const flood = lastLines(new Uint8Array(16 * MIB).fill(0x0a));
    expect(flood).toHaveLength(MOST_LINES);
    expect(logLines(new TextDecoder().decode(flood)).lines).toHaveLength(MOST_LINES);
  });
});

it('what came at once is taken in pieces, of which none is lost', () => {
  const bytes = Uint8Array.from({ length: MIB + 1 }, (_, index) => index % 251);
  const all = [...pieces(bytes)];
  expect(Math.max(...all.map(({ length }) => length))).toBeLessThanOrEqual(MIB / 4);
  expect(Buffer.compare(Buffer.concat(all), bytes)).toBe(0);
});
