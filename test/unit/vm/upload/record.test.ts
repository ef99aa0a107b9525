import { describe, expect, it } from 'vitest';
import { judgeHead } from '../../../../src/vm/image-format/head.ts';
import { HEAD_BYTES, readRecord, writeRecord } from '../../../../src/vm/upload/record.ts';
import { isUploadName, nameAmong, uploadName } from '../../../../src/vm/upload/place.ts';
import { WANTED } from './wanted.ts';

const RECORD = { digest: 'ab'.repeat(32), bytes: 2 ** 40, token: '11111111-0000-4000-8000-000000000000' };

describe('the record of an upload', () => {
  it('is read as it was written, and is no image', () => {
    const bytes = writeRecord(RECORD);
    expect(bytes.length).toBe(HEAD_BYTES);
    expect(readRecord(bytes)).toStrictEqual(RECORD);
    expect(judgeHead(bytes)).toHaveProperty('problem');
    // The partition table of a raw image that was sent already is behind it.
    const raw = new Uint8Array(65_536).fill(0xaa);
    raw.set(bytes);
    expect(judgeHead(raw)).toHaveProperty('problem');
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['zeros', new Uint8Array(HEAD_BYTES)],
    ['a part of it', writeRecord(RECORD).subarray(0, 80)],
    ['more behind it', writeRecord(RECORD).fill(1, 4000)],
  ])('is not %s', (_, bytes) => {
    expect(readRecord(bytes)).toBeUndefined();
  });
});

describe('the name of an image that is brought', () => {
  const digest = WANTED.print.digest.slice(0, 32);

  it.each([
    ['./debian-12.qcow2', `debian-12-${digest}.qcow2`],
    ['../a b/ü (1).img', `1--${digest}.qcow2`],
    ['~/,', `image-${digest}.qcow2`],
    [`./${'x'.repeat(200)}`, `${'x'.repeat(64)}-${digest}.qcow2`],
  ])('of %s is %s', (path, name) => {
    expect(uploadName(path, 'qcow2', WANTED.print)).toBe(name);
    expect(isUploadName(name)).toBe(true);
  });

  it('is that of another file with the same bytes where there is one', () => {
    const there = [`other-${digest}.qcow2`, `other-${digest}.raw`, 'tiny.qcow2'];
    expect(nameAmong(there, './a.qcow2', 'qcow2', WANTED.print)).toBe(`other-${digest}.qcow2`);
    expect(nameAmong(['tiny.qcow2'], './a.qcow2', 'qcow2', WANTED.print)).toBeUndefined();
  });
});
