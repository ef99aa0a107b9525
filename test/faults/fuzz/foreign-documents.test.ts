import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metadataInDomain, metadataIn } from '../../../src/libvirt-xml/metadata/read.ts';
import { readCapabilities } from '../../../src/libvirt-xml/read/capabilities.ts';
import { parseIfPossible, parseXml } from '../../../src/libvirt-xml/read/parse.ts';
import { hasAutomaticFirmware, readNvramPath } from '../../../src/libvirt-xml/read/firmware.ts';
import { readMacs } from '../../../src/libvirt-xml/read/macs.ts';
import { readPool, readVolume } from '../../../src/libvirt-xml/read/storage.ts';
import { readDisks, readUsedFiles } from '../../../src/libvirt-xml/read/used-files.ts';
import {
  BRIDGE,
  capabilities,
  DEBIAN_SECMODELS,
  DOMAIN,
  POOL,
  VOLUME,
} from '../../unit/libvirt-xml/documents.ts';
import { readInterface } from '../../../src/libvirt-xml/read/host-interface.ts';
import { UUID } from './documents.ts';
import { foreignText } from './foreign-text.ts';
import { REPEAT, SEED } from './seed.ts';
import { processorMs } from '../../pace.ts';

const RUNS = { seed: SEED, numRuns: 2000 };
const SLOW_MS = 1000;

const READERS: readonly ((text: string) => unknown)[] = [
  ...[readDisks, readUsedFiles, readNvramPath, hasAutomaticFirmware, readMacs].map(
    (read) => (text: string) => read(parseXml(text)),
  ),
  readVolume,
  readPool,
  readCapabilities,
  readInterface,
  (text) => metadataInDomain(parseIfPossible(text)),
  (text) => metadataIn(text, UUID),
];

const DOCUMENTS = [DOMAIN, VOLUME, POOL, BRIDGE, capabilities(['kvm'], DEBIAN_SECMODELS)];

const XML_PIECES = [
  '<',
  '>',
  '/>',
  '</',
  '<a>',
  '</a>',
  '<disk>',
  '</domain>',
  '<devices/>',
  '<?',
  '?>',
  '<!--',
  '-->',
  '<a:b',
  '<![CDATA[',
  ']]>',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '&b;',
  '&#0;',
  '&#xE0000000;',
  '&#x202e;',
  '="',
  "='",
  '<__proto__/>',
  ' __proto__="a"',
  '<constructor/>',
  ' a="1" a="2"',
  '<backingStore>',
  '{"name":',
  '\u0000',
];

/** A document with a piece of it replaced, a few times over. */
const brokenDocument = fc
  .tuple(
    fc.constantFrom(...DOCUMENTS),
    fc.array(
      fc.tuple(
        fc.nat(4000),
        fc.nat(30),
        fc.oneof(foreignText, fc.constantFrom(...XML_PIECES), fc.constant('')),
      ),
      { maxLength: 5 },
    ),
  )
  .map(([document, edits]) =>
    edits.reduce(
      (text, [at, length, piece]) => text.slice(0, at) + piece + text.slice(at + length),
      document,
    ),
  );

const GIANTS = [
  ...XML_PIECES.map((piece) => piece.repeat(100_000 / piece.length)),
  ...XML_PIECES.map((piece) => `<domain><devices>${piece.repeat(50_000 / piece.length)}</devices></domain>`),
  `<domain><metadata>${'<a>'.repeat(30_000)}${'</a>'.repeat(30_000)}</metadata></domain>`,
  `<domain ${Array.from({ length: 5000 }, (_, index) => `a${index}="1"`).join(' ')}/>`,
];

describe(`documents from libvirt (${REPEAT})`, () => {
  it('are read, or refused by an Error that callers can catch, whatever is in them', () => {
    const soup = fc.array(fc.constantFrom(...XML_PIECES)).map((pieces) => pieces.join(''));
    const property = fc.property(fc.oneof(brokenDocument, soup), (text) => {
      expect(isSlow(text)).toBe(false);
    });
    fc.assert(property, RUNS);
  });

  it('are so within a second, however large', () => {
    const slow = GIANTS.filter(isSlow).map((text) => text.slice(0, 100));
    expect(slow).toStrictEqual([]);
  });
});

/** Twice: neighbours on the same cores make a processor slower as well. */
function isSlow(text: string): boolean {
  return READERS.some((read) => timed(read, text) > SLOW_MS && timed(read, text) > SLOW_MS);
}

/** Milliseconds of the processor; a stack that overflows is no plain error. */
function timed(read: (text: string) => unknown, text: string): number {
  const start = processorMs();
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error;
  }
  return processorMs() - start;
}
