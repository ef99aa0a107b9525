import { describe, expect, it } from 'vitest';
import { ByteView } from '../../../src/iso9660/byte-view.ts';
import { rockRidgeName } from '../../../src/iso9660/read-susp.ts';
import { processorMs } from '../../pace.ts';

/** A CE entry (SUSP 5.1) that leads to block 0, offset 0, with this length. */
function continuation(length: number): Buffer {
  const entry = Buffer.alloc(28);
  entry.write('CE', 'latin1');
  entry[2] = 28;
  entry.writeUInt32LE(length, 20);
  return entry;
}

describe('a name that continues elsewhere', () => {
  it('ends soon, however long the areas say they are', () => {
    const area = Buffer.concat([
      Buffer.from('XX\u0004\u0001'.repeat(3_000_000), 'latin1'),
      continuation(12_000_000),
    ]);
    const started = processorMs();
    const name = rockRidgeName(
      new ByteView(continuation(12_000_000)),
      (_block, _offset, length) => new ByteView(area.subarray(0, length)),
    );
    expect(name).toBeUndefined();
    expect(processorMs() - started).toBeLessThan(500);
  });
});
