import { describe, expect, it } from 'vitest';
import { readRecord, RECORD_BYTES, writeRecord } from '../../../../src/vm/image-store/record.ts';
import type { ImageRecord } from '../../../../src/vm/image-store/record.ts';
import type { ImageGate } from '../../../../src/vm/image-store/record-gate.ts';

const RECORD: ImageRecord = {
  status: 'ready',
  isMade: true,
  token: 'a',
  name: 'debian',
  version: '1',
  url: 'https://example.com/debian.qcow2',
  format: 'qcow2',
  downloaded: null,
  content: null,
  bytes: 1000,
  capacityBytes: 2000,
  insecure: false,
  signedBy: null,
  plow: '0.1.0',
  at: '2026-11-28T10:00:00.000Z',
};

const PASSED: ImageGate = {
  result: 'passed',
  proof: null,
  bootSeconds: 84.2,
  plow: '0.1.0',
  at: '2026-11-28T11:00:00.000Z',
};
const FAILED: ImageGate = { ...PASSED, result: 'failed', proof: 'ssh', bootSeconds: null };

function withGate(gate: unknown): ImageRecord | undefined {
  const bytes = new TextEncoder().encode(JSON.stringify({ plow_image: 1, ...RECORD, gate }));
  return readRecord(bytes);
}

describe('the record of an image', () => {
  it.each([
    ['without a throw-away boot, as older ones are', RECORD],
    ['that passed', { ...RECORD, gate: PASSED }],
    ['that failed', { ...RECORD, gate: FAILED }],
    ['with an address as long as can be', { ...RECORD, url: `https://a/${'x'.repeat(1990)}`, gate: FAILED }],
  ])('%s is read as it was written', (_, record) => {
    const bytes = writeRecord(record);
    expect(bytes.length).toBe(RECORD_BYTES);
    expect(readRecord(bytes)).toStrictEqual(record);
  });

  it.each([
    ['a word', 'passed'],
    ['null', null],
    ['a list', ['passed']],
    ['another result', { ...PASSED, result: 'perhaps' }],
    ['one that passed with a proof that failed', { ...PASSED, proof: 'ssh' }],
    ['one that passed in no time', { ...PASSED, bootSeconds: null }],
    ['one that failed at nothing', { ...FAILED, proof: null }],
    ['one that failed at what nobody knows', { ...FAILED, proof: 'constructor' }],
    ['a boot before its start', { ...PASSED, bootSeconds: -1 }],
    ['a boot time that is none', { ...PASSED, bootSeconds: '84' }],
    ['another time', { ...PASSED, at: 'yesterday' }],
    ['escapes for a terminal', { ...PASSED, at: '\u001B[2J' }],
    ['a plow without end', { ...PASSED, plow: 'x'.repeat(65) }],
  ])('has no throw-away boot where %s says so, and is one all the same', (_, gate) => {
    const record = withGate(gate);
    expect(record?.name).toBe('debian');
    expect(record?.gate).toBeUndefined();
  });
});
