import { expect, it } from 'vitest';
import { readRecord, writeRecord } from '../../../../src/vm/image-store/record.ts';
import type { ImageRecord } from '../../../../src/vm/image-store/record.ts';
import { RECORD } from './records.ts';

const read = (needs: unknown): ImageRecord | undefined =>
  readRecord(new TextEncoder().encode(JSON.stringify({ plow_image: 1, ...RECORD, needs })));

it('keeps what an image needs, and nothing where nobody said it', () => {
  const needs = { provisioning: 'ignition', firmware: 'uefi', seedBus: 'virtio', cpu: 'x86-64-v3' } as const;
  expect(readRecord(writeRecord({ ...RECORD, needs }))).toStrictEqual({ ...RECORD, needs });
  expect(readRecord(writeRecord(RECORD))).toStrictEqual(RECORD);
});

it.each([
  ['no map', 'uefi', undefined],
  ['a list', [{ provisioning: 'ignition' }], undefined],
  ['no way of provisioning', { firmware: 'uefi' }, undefined],
  ['a way that nobody knows', { provisioning: 'cloud-init; rm', firmware: 'uefi' }, undefined],
  ['a way of its prototype', { __proto__: { provisioning: 'ignition' } }, undefined],
  [
    'words that nobody knows',
    { provisioning: 'cloud-init', firmware: 'coreboot', seedBus: ['scsi'], cpu: 'x86-64-v9', later: 1 },
    { provisioning: 'cloud-init' },
  ],
])('takes %s for what it is', (_, needs, known) => {
  expect(read(needs)).toMatchObject({ name: RECORD.name });
  expect(read(needs)?.needs).toStrictEqual(known);
});
