import { describe, expect, it } from 'vitest';
import { frameLines } from '../../../src/terminal/frame.ts';

/** The frame of a line in which « and » stand around what is meant. */
function frame(marked: string, { line = 2, columns = 100 } = {}): string {
  const from = marked.indexOf('«');
  const to = marked.indexOf('»') - 1;
  const text = marked.replace('«', '').replace('»', '');
  return `\n${frameLines({ line, text, from, to }, columns).join('\n')}`;
}

describe('a frame', () => {
  it('shows the line with its number, and a marker under what is meant', () => {
    expect(frame('vcpus: «two»')).toBe(`
   2 | vcpus: two
     |        ^~~`);
  });

  it('of one character has a marker of one', () => {
    expect(frame('a«:» b')).toBe(`
   2 | a: b
     |  ^`);
  });

  it('of nothing marks the place where it should be', () => {
    expect(frame('name:«»')).toBe(`
   2 | name:
     |      ^`);
    expect(frame('«»name: x')).toBe(`
   2 | name: x
     | ^`);
    expect(frame('«»')).toBe(`
   2 |
     | ^`);
  });

  it('grows with the number of the line', () => {
    expect(frame('«a»', { line: 20_001 })).toBe(`
20001 | a
      | ^`);
  });

  it('keeps the marker under what is meant behind tabs', () => {
    expect(frame('\t\t«- x»')).toBe(`
   2 |         - x
     |         ^~~`);
  });

  it('keeps the marker under what is meant behind wide, overlaid and pictured characters', () => {
    expect(frame('名前: «x»')).toBe(`
   2 | 名前: x
     |       ^`);
    expect(frame('e\u0301te\u0301: «x»')).toBe(`
   2 | e\u0301te\u0301: x
     |      ^`);
    expect(frame('😀: «😀»!')).toBe(`
   2 | 😀: 😀!
     |     ^~`);
  });

  it('lets nothing in the line move the cursor or turn the text', () => {
    expect(frame('a\u001b[2J\u202e: «b\u0007»\r\u2028')).toBe(`
   2 | a\u{fffd}[2J\u{fffd}: b\u{fffd}\u{fffd}\u{fffd}
     |         ^~`);
  });

  it('of a line that is too long shows its beginning where the marker is there', () => {
    expect(frame(`a: «bcd» ${'e'.repeat(100)}`, { columns: 40 })).toBe(`
   2 | a: bcd eeeeeeeeeeeeeeeeeeeeeeee…
     |    ^~~`);
  });

  it('of a line that is too long shows what is around the marker', () => {
    expect(frame(`${'a'.repeat(100)}: «bcd» ${'e'.repeat(100)}`, { columns: 40 })).toBe(`
   2 | …aaaaaaaaa: bcd eeeeeeeeeeeeeee…
     |             ^~~`);
  });

  it('of a line that is too long shows its end where the marker is there', () => {
    expect(frame(`${'a'.repeat(100)}: «bcd»`, { columns: 40 })).toBe(`
   2 | …aaaaaaaaa: bcd
     |             ^~~`);
    expect(frame(`${'a'.repeat(100)}«»`, { columns: 40 })).toBe(`
   2 | …aaaaaaaaaaa
     |             ^`);
  });

  it('cuts the marker where what is meant is itself too long', () => {
    expect(frame(`a: «${'b'.repeat(100)}»`, { columns: 40 })).toBe(`
   2 | a: bbbbbbbbbbbbbbbbbbbbbbbbbbbb…
     |    ^~~~~~~~~~~~~~~~~~~~~~~~~~~~`);
  });

  it.each([10, 30, 40, 79, 80, 200])(
    'is never wider than a terminal of %d columns, but for tiny ones',
    (columns) => {
      const lines = [0, 1, 50, 150, 299].map((at) => {
        const text = `${'x'.repeat(at)}«${'y'.repeat(20)}»${'z'.repeat(300 - at)}`;
        return frame(text, { columns }).split('\n');
      });
      const widest = Math.max(...lines.flat().map((line) => line.length));
      expect(widest).toBeLessThan(Math.max(columns, 28));
      expect(lines.every(([, , marker]) => marker?.includes('^'))).toBe(true);
    },
  );
});
