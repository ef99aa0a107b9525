import { describe, expect, it } from 'vitest';
import { judgeFile } from '../../../../src/vm/image-format/judge-file.ts';
import { isIso, seedLabel, whyNoMedium } from '../../../../src/vm/image-format/medium.ts';
import { writeRecord } from '../../../../src/vm/upload/record.ts';
import { headOf } from '../fake/pieces.ts';

const FIRST = 32_768;

/** The head of an ISO, with texts at offsets. */
function iso(...texts: readonly (readonly [at: number, text: string])[]): Uint8Array {
  const head = new Uint8Array(64 * 1024);
  for (const [at, text] of [[FIRST, '\x01CD001'] as const, ...texts])
    head.set(Buffer.from(text, 'latin1'), at);
  return head;
}

const JOLIET = FIRST + 2048;

describe('an install medium', () => {
  it.each([
    ['an ISO 9660 volume', iso()],
    ['a UDF volume', iso([FIRST, '\0BEA01'])],
    ['one that a disk would boot too', iso([510, '\x55\xaa'])],
    ['a label of its own', iso([FIRST + 40, 'Debian 13'])],
  ])('is %s', (_, head) => {
    expect(whyNoMedium(head)).toBeUndefined();
    expect(isIso(head)).toBe(true);
    expect(judgeFile(head)).toStrictEqual({ format: 'iso' });
  });

  it.each([
    ['begins as a qcow2 image', headOf(`qcow2 ${2 ** 30}`)],
    ['begins as a vmdk image', iso([0, 'KDMV'])],
    ['is no ISO: it has no ISO 9660 or UDF volume', headOf('raw 1000')],
    ['is no ISO: it has no ISO 9660 or UDF volume', new Uint8Array(100)],
    ['is a seed of cloud-init (its volume is called cidata)', iso([FIRST + 40, 'cidata'])],
    ['is a seed of Ignition (its volume is called IGNITION)', iso([FIRST + 40, 'IGNITION  '])],
    ['is a seed of cloud-init (its volume is called CIDATA)', iso([FIRST + 40, 'CIDATA  '])],
    [
      'is a seed of cloud-init (its volume is called config-2)',
      iso([JOLIET, '\x02CD001'], [JOLIET + 40, '\0c\0o\0n\0f\0i\0g\0-\x002']),
    ],
    [
      'is no ISO yet: its upload did not come to its end',
      iso([0, Buffer.from(writeRecord(uploadRecord())).toString('latin1')]),
    ],
  ])('is none that %s', (why, head) => {
    expect(whyNoMedium(head)).toContain(why);
  });

  it('is called by the volumes before the last one', () => {
    const end = iso([JOLIET, '\xffCD001'], [JOLIET + 2048, '\x01CD001'], [JOLIET + 2088, 'cidata']);
    expect(seedLabel(end)).toBeUndefined();
  });
});

function uploadRecord(): Parameters<typeof writeRecord>[0] {
  return { digest: 'a'.repeat(64), bytes: 100_000, token: '0b1c2d3e-0000-4000-8000-000000000000' };
}

describe('what is to have a name', () => {
  it.each([
    ['a disk', headOf(`qcow2 ${2 ** 30}`), { format: 'qcow2' }],
    ['a raw disk', headOf('raw 1000'), { format: 'raw' }],
  ])('may be %s', (_, head, judged) => {
    expect(judgeFile(head)).toStrictEqual(judged);
  });

  it.each([
    ['a seed', iso([FIRST + 40, 'cidata']), 'is a seed of cloud-init'],
    ['a disk image that has the volume of an ISO', iso([0, 'KDMV']), 'is vmdk'],
    ['nothing', new Uint8Array(64 * 1024), 'is not a disk image'],
  ])('is not %s', (_, head, problem) => {
    expect(judgeFile(head)).toMatchObject({ problem: expect.stringContaining(problem) as unknown });
  });
});
