import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { fullMachine } from '../../unit/machines.ts';
import { contextWith, exported } from '../../unit/vm/export/vms.ts';
import { foreignText } from './foreign-text.ts';
import { REPEAT, SEED } from './seed.ts';

const MINUTES = 5 * 60_000;

/** What other programs may have in a domain's document, and what they may leave out. */
const PIECES = [
  '',
  '0',
  '-1',
  '1e9',
  'null',
  '[]',
  '{}',
  'file=""',
  '/',
  '/../..',
  '<a/>',
  '<disk/>',
  '<interface/>',
  '<disk type="volume"><source pool="p" volume="v"/></disk>',
  '<disk type="network" device="cdrom"><source name="x"/></disk>',
  '<metadata/>',
  '\u202e#\n',
];

const name = 'my-vm';

async function outcome(edit: (xml: string) => string): Promise<string> {
  try {
    const { text, checked } = await exported(contextWith(fullMachine(), { edit }), name, {
      showSecrets: false,
    });
    // Whatever is in it, it is YAML that no terminal acts on.
    const isSound = checked.refusal !== 'config' && !/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
    return isSound ? 'written' : text;
  } catch (error) {
    if (error instanceof PlowError) return 'refused';
    throw error;
  }
}

describe(`plow export (${REPEAT})`, () => {
  it(
    'writes a file that can be read, or refuses, whatever a document holds',
    async () => {
      const piece = fc.oneof(foreignText, fc.constantFrom(...PIECES));
      const edits = fc.array(fc.tuple(fc.nat(5000), fc.nat(60), piece), { minLength: 1, maxLength: 4 });
      // Whole attributes and texts, so that most documents stay XML.
      const values = fc.array(fc.tuple(fc.nat(300), piece), { minLength: 1, maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(edits, values, fc.boolean(), async (cuts, replaced, rough) => {
          const edit = (xml: string): string =>
            rough
              ? cuts.reduce(
                  (text, [at, length, words]) => text.slice(0, at) + words + text.slice(at + length),
                  xml,
                )
              : replaced.reduce((text, [place, words]) => replaceValue(text, place, words), xml);
          expect(['written', 'refused']).toContain(await outcome(edit));
        }),
        { seed: SEED, numRuns: 1500 },
      );
    },
    MINUTES,
  );
});

/** An attribute or a text; and a value in the JSON of plow's metadata, which anyone may edit. */
const XML_VALUE = /(?<==")[^"]*(?=")|(?<=>)[^<>]+(?=<)/gu;
const JSON_VALUE = /(?<="[a-zA-Z]+":)(?:"[^"]*"|[\w.]+|\[[^\]]*\])/gu;

/** Puts other words in place of the value at a place. */
function replaceValue(xml: string, place: number, words: string): string {
  const values = [...xml.matchAll(place % 3 === 0 ? JSON_VALUE : XML_VALUE)];
  const found = values[place % values.length];
  if (found === undefined) return xml;
  const plain = words.replaceAll(/[&<]/gu, '');
  return xml.slice(0, found.index) + plain + xml.slice(found.index + found[0].length);
}
