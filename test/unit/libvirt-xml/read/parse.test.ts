import { describe, expect, it } from 'vitest';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';

describe('a document of libvirt', () => {
  it('may be nested as deeply as libxml2 allows', () => {
    const document = '<backingStore>'.repeat(250) + '</backingStore>'.repeat(250);
    expect(parseXml(document).first('backingStore', 'backingStore')?.name).toBe('backingStore');
  });

  it.each(['', 'text', '<', '<a', '<!--', '<a>'.repeat(10_000)])('is not %j', (text) => {
    expect(() => parseXml(text)).toThrow(Error);
  });
});
