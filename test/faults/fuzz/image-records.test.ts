import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageWordMistake } from '../../../src/config/values/names.ts';
import { readRecord, RECORD_BYTES, writeRecord } from '../../../src/vm/image-store/record.ts';
import type { ImageRecord } from '../../../src/vm/image-store/record.ts';
import { foreignText } from './foreign-text.ts';
import { REPEAT, SEED } from './seed.ts';

const RUNS = { seed: SEED, numRuns: 2000 };

const word = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,50}x$/u);
const digest = fc.option(
  fc.oneof(fc.stringMatching(/^sha256:[0-9a-f]{64}$/u), fc.stringMatching(/^sha512:[0-9a-f]{128}$/u)),
);
const size = fc.option(fc.nat({ max: 2 ** 50 }));
const short = fc.string({ unit: 'grapheme', maxLength: 40 });

/** As plow writes them. */
const sound: fc.Arbitrary<ImageRecord> = fc.record({
  status: fc.constantFrom('pulling', 'ready', 'removing'),
  isMade: fc.boolean(),
  token: fc.uuid(),
  name: word,
  version: word,
  url: fc.oneof(fc.webUrl(), short),
  format: fc.constantFrom('qcow2', 'raw'),
  downloaded: digest,
  content: digest,
  bytes: size,
  capacityBytes: size,
  insecure: fc.boolean(),
  signedBy: fc.option(short),
  plow: short,
  at: short,
});

/** Of a record one key is something else. */
const spoilt = fc
  .tuple(
    sound,
    fc.constantFrom(
      ...(['status', 'name', 'version', 'format', 'insecure', 'token', 'downloaded', 'bytes'] as const),
    ),
    fc.oneof(
      foreignText,
      fc.anything(),
      fc.constantFrom('__proto__', 'READY', 'a.qcow2', '../a', -1, 1e300, 1.5),
    ),
  )
  .map(([record, key, value]) => JSON.stringify({ plow_image: 1, ...record, [key]: value }));

/** A few bytes of it are others, or it ends early. */
const broken = fc
  .tuple(sound, fc.array(fc.tuple(fc.nat({ max: 700 }), fc.nat({ max: 255 })), { maxLength: 3 }), fc.nat())
  .map(([record, changes, end]) => {
    const bytes = writeRecord(record).slice(0, end % 5 === 0 ? end % RECORD_BYTES : RECORD_BYTES);
    for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
    return bytes;
  });

const SOUND_DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/u;

/** What is wrong with a record that was taken. */
function flaws(record: ImageRecord): readonly string[] {
  const { status, format, name, version, downloaded, content, bytes, capacityBytes } = record;
  const wrong: readonly (readonly [string, boolean])[] = [
    ['status', !['pulling', 'ready', 'removing'].includes(status)],
    ['format', !['qcow2', 'raw'].includes(format)],
    ['name', imageWordMistake(name) !== undefined || imageWordMistake(version) !== undefined],
    ['digest', [downloaded, content].some((one) => one !== null && !SOUND_DIGEST.test(one))],
    ['size', [bytes, capacityBytes].some((one) => one !== null && !(Number.isSafeInteger(one) && one >= 0))],
    ['text', [record.token, record.url, record.plow, record.at].some((one) => typeof one !== 'string')],
    ['flag', typeof record.insecure !== 'boolean' || typeof record.isMade !== 'boolean'],
  ];
  return wrong.filter(([, isWrong]) => isWrong).map(([what]) => what);
}

/** It is none, or one by all rules, which can be written and is read back as it was. */
function assertFit(bytes: Uint8Array): void {
  const record = readRecord(bytes);
  if (record === undefined) return;
  expect(flaws(record)).toStrictEqual([]);
  const written = writeRecord(record);
  expect(written).toHaveLength(RECORD_BYTES);
  expect(readRecord(written)).toStrictEqual(record);
}

describe(`records of images (${REPEAT})`, () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(sound, (record) => {
        const read = readRecord(writeRecord(record));
        expect(read).toStrictEqual({ ...record });
      }),
      RUNS,
    );
  });

  it('are none, or keep the rules, whatever is written there', () => {
    const text = fc.oneof(spoilt, fc.json(), foreignText).map((one) => new TextEncoder().encode(one));
    fc.assert(fc.property(fc.oneof(text, broken, fc.uint8Array({ maxLength: 5000 })), assertFit), RUNS);
  });

  it('are none where they are too long to be written back', () => {
    const long = fc.tuple(sound, fc.integer({ min: 3200, max: 3700 })).map(([record, length]) => {
      const text = JSON.stringify({ plow_image: 1, ...record, signedBy: 'x'.repeat(length) });
      return new TextEncoder().encode(text);
    });
    fc.assert(fc.property(long, assertFit), { ...RUNS, numRuns: 500 });
  });
});
