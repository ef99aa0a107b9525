import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../../src/documents/json-text.ts';
import { yamlText } from '../../../src/documents/serialize.ts';

/**
 * C0, C1, right-to-left marks, a line separator, an invisible tag beyond the 16 bits, and a lone half of a
 * pair.
 */
const HOSTILE = 'a\u001B[31mb\u009B31mc\u202Ed\u2028e\u{E0041}f\tg\u0000h\nnext';

const textOf = (value: object, format: 'json' | 'yaml'): string =>
  format === 'json' ? jsonText(value, 'indented') : yamlText(value);

describe('a document for programs', () => {
  it.each(['json', 'yaml'] as const)('as %s keeps every character, and no terminal acts on it', (format) => {
    const text = textOf({ name: HOSTILE, list: [HOSTILE], plain: 'ünïcode' }, format);
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(text).toContain('ünïcode');
    const back: unknown = format === 'json' ? JSON.parse(text) : parse(text);
    expect(back).toStrictEqual({ name: HOSTILE, list: [HOSTILE], plain: 'ünïcode' });
  });

  it('writes half a pair as JSON can', () => {
    expect(jsonText(['\uD800'], 'indented')).toBe('[\n  "\\ud800"\n]');
  });

  it.each(['x\n- ', 'a\t\n', 'a\n\n', 'a\nb\n\n\n', 'a\n \n'])(
    'keeps the blanks and the line ends of its last text: %j',
    (last) => {
      expect(parse(`${yamlText({ list: [last] })}\n`)).toStrictEqual({ list: [last] });
    },
  );

  it('has no line end behind it, and says a text that looks like something else in quotes', () => {
    expect(yamlText({ name: 'no', size: '1' })).toBe('name: no\nsize: "1"');
  });
});
