import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PlowError } from '../../../../src/errors/plow-error.ts';
import { BUILT_IN } from '../../../../src/images/catalog/built-in.ts';
import { resolveImage } from '../../../../src/images/catalog/resolve.ts';
import { INDEXES } from './indexes.ts';
import { webOf } from './web.ts';

/** A text with a piece of it cut out, doubled, or replaced. */
const broken = fc
  .tuple(
    fc.constantFrom(...Object.keys(INDEXES)),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.nat(400),
    fc.oneof(fc.string(), fc.constantFrom('null', '{}', '[]', '../', 'http://', '\n', '"', '%2e%2e/', '@')),
  )
  .map(([url, at, length, piece]) => {
    const text = INDEXES[url] ?? '';
    const from = Math.floor(at * text.length);
    return { url, text: `${text.slice(0, from)}${piece}${text.slice(from + length)}` };
  });

describe('indexes that were changed on the way', () => {
  it('lead to an image of their publisher or to an error in words', async () => {
    await fc.assert(
      fc.asyncProperty(broken, fc.nat(BUILT_IN.length - 1), async ({ url, text }, index) => {
        const entry = BUILT_IN[index];
        if (entry === undefined) throw new Error('there is one');
        const arch = entry.name.startsWith('flatcar') ? 'aarch64' : 'x86_64';
        const found = await resolveImage(entry, arch, webOf({ ...INDEXES, [url]: text })).catch(
          (error: unknown) => error,
        );
        const words = found instanceof PlowError ? found.message : JSON.stringify(found);
        expect(words).toMatch(/^(?:404: |image [a-z]|\{"name":"[^]*"url":"https:\/\/[\w.:-]+\/)/u);
        expect(words).not.toMatch(/"(?:version|fileName)":"[^"]*[/\\]/u);
      }),
      { numRuns: 400 },
    );
  });
});
