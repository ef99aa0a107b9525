import { describe, expect, it } from 'vitest';
import { splitEntries, systemUseBytes } from '../../../src/iso9660/system-use.ts';

/** ECMA-119 9.1.1 and 9.1.12: 254 bytes less the 34 before the system use field of `.`. */
const ROOM = 220;
const identifier = Uint8Array.of(0);

describe('splitEntries', () => {
  it.each([
    ['all entries if they just fit', [100, ROOM - 100], [ROOM, 0]],
    ['room for the pointer to what does not fit', [100, 100, 30], [100, 130]],
    ['an entry that just leaves room for the pointer', [100, ROOM - 28 - 100, 30], [ROOM - 28, 30]],
  ])('A record keeps %s.', (_, lengths, expected) => {
    const split = splitEntries(
      identifier,
      lengths.map((length) => new Uint8Array(length)),
    );
    expect([split.inRecord.length, split.continued.length]).toEqual(expected);
    expect(systemUseBytes(split)).toBeLessThanOrEqual(ROOM);
  });
});
