import * as fc from 'fast-check';
import { create } from 'xmlbuilder2';
import { describe, expect, it } from 'vitest';
import { literal } from '../../../../src/libvirt-xml/literal.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { readPlainElement } from '../../../../src/libvirt-xml/read/plain-element.ts';

/** Characters that XML can hold. https://www.w3.org/TR/xml/#charsets */
const xmlText = fc
  .string({ unit: 'binary' })
  .map((text) => text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ''));

describe('a plain element', () => {
  it('is read as the parser reads it', () => {
    const property = fc.property(xmlText, xmlText, (attribute, text) => {
      const xml = create()
        .ele('vm', { directory: literal(attribute), status: 'ready' })
        .txt(literal(text))
        .end({ headless: true });
      const plain = readPlainElement(xml);
      const parsed = parseXml(xml);
      if (plain === undefined) return;
      expect(plain.text()).toBe(parsed.text());
      expect(plain.attribute('directory')).toBe(parsed.attribute('directory'));
      expect(plain.attribute('status')).toBe('ready');
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('is what libvirt gives for plow', () => {
    const element = readPlainElement(
      '<vm status="ready" directory="/a &amp; b&#13;">{&quot;a&quot;:&#x31;}</vm>',
    );
    expect(element?.text()).toBe('{"a":1}');
    expect(element?.attribute('directory')).toBe('/a & b\r');
    expect(element?.attribute('nosuch')).toBeUndefined();
  });

  it.each([
    '',
    'junk',
    '<vm>',
    '<vm><b/></vm>',
    "<vm a='1'/>",
    '<vm>x</other>',
    '<vm a="1" b>x</vm>',
    '<vm>&lt;</vm><x/>',
  ])('is not %j', (xml) => {
    expect(readPlainElement(xml)).toBeUndefined();
  });
});
