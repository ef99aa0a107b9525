import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { XMLParser } from 'fast-xml-parser';
import { csvLine } from '../../../src/terminal/csv.ts';
import { jsonText } from '../../../src/documents/json-text.ts';
import { yamlText } from '../../../src/documents/serialize.ts';
import { escaped, printable, quotedLines } from '../../../src/text/printable.ts';
import { xmlText } from '../../../src/views/xml-text.ts';

describe('what a program that runs CI takes for a command', () => {
  it.each([
    ['::error::x', ':\u{fffd}error::x'],
    ['  ::add-mask file=a,line=1::x', '  :\u{fffd}add-mask file=a,line=1::x'],
    ['a ##[error]x', 'a #\u{fffd}[error]x'],
    ['##vso[task.x]', '#\u{fffd}vso[task.x]'],
    ['##teamcity[x]', '#\u{fffd}teamcity[x]'],
    ['::1', '::1'],
    ['::1,::2', '::1,::2'],
    ['a ::b::', 'a ::b::'],
    ['## [title]', '## [title]'],
  ])('is none any more: %j', (text, safe) => {
    expect(printable(text)).toBe(safe);
    expect(escaped(text)).toBe(
      safe.replaceAll(':\u{fffd}', String.raw`:\u{3a}`).replaceAll('#\u{fffd}', String.raw`#\u{23}`),
    );
  });

  it.each(['json', 'yaml'] as const)('is none in %s, where every character comes back', (format) => {
    const value = { text: 'a\n  ::error::x\n##[warning]y', list: ['::set-output name=a::b'] };
    const text = format === 'json' ? jsonText(value, 'indented') : yamlText(value);
    expect(text).not.toMatch(/^\s*::\w|##\[/mu);
    expect(format === 'json' ? JSON.parse(text) : parse(text)).toStrictEqual(value);
  });
});

describe('a document for people', () => {
  it('has every line behind a bar, tabs as they are, and escapes', () => {
    expect(quotedLines('a\tb\u001b[2J\n\n::error::x\r\n\u202Ey')).toStrictEqual([
      `| a\tb${String.raw`\u{1b}[2J`}`,
      '|',
      String.raw`| :\u{3a}error::x\u{d}`,
      String.raw`| \u{202e}y`,
    ]);
  });
});

describe('comma-separated values', () => {
  it.each([
    ['plain', 'plain'],
    ['a,"b"', '"a,""b"""'],
    ['=HYPERLINK("http://e")', `"'=HYPERLINK(""http://e"")"`],
    ['+1+cmd', "'+1+cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-rf', "'-rf"],
    ['\t=1', String.raw`'\u{9}=1`],
    ['-1', '-1'],
    ['+2.5', '+2.5'],
    ['6.6.6.6\u001b[2J\n::error::x', String.raw`6.6.6.6\u{1b}[2J\u{a}::error::x`],
    ['c1 \u009b31m', String.raw`c1 \u{9b}31m`],
    [' blank', '" blank"'],
  ])('of %j are %j', (field, line) => {
    expect(csvLine([field, '1'])).toBe(`${line},1`);
  });
});

describe('a foreign XML document', () => {
  it('keeps every character as a reference', () => {
    const value = 'x\u009b31m\u202ey\n::error::z ##[error]';
    const text = xmlText(`<a b="\u200E1">${value}</a>`);
    expect(text).toBe('<a b="&#x200e;1">x&#x9b;31m&#x202e;y&#xa;::error::z #&#x23;[error]</a>');
    const back: unknown = new XMLParser({ htmlEntities: true }).parse(text);
    expect(back).toStrictEqual({ a: value });
  });

  it('has no reference where none is read: in comments, and in what is no markup', () => {
    expect(xmlText('<a><!-- \u202e\n --><![CDATA[\u009b]]></a>')).toBe(
      '<a><!-- \u{fffd}\n --><![CDATA[\u{fffd}]]></a>',
    );
  });
});
