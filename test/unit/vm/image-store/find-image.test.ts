import { expect, it } from 'vitest';
import { findImage } from '../../../../src/vm/image-store/find-image.ts';
import { fileOfRecord } from '../../../../src/vm/image-store/record.ts';
import type { StoredImage } from '../../../../src/vm/image-store/store.ts';
import { RECORD } from './records.ts';

const GATE = { proof: null, bootSeconds: 20, plow: '0.1.0', at: '2026-11-28T10:00:00.000Z' } as const;

function image(version: string, result?: 'passed' | 'failed'): StoredImage {
  const gate =
    result === 'failed'
      ? ({ ...GATE, result, proof: 'ssh' } as const)
      : { ...GATE, result: 'passed' as const };
  const record = { ...RECORD, status: 'ready', version, ...(result === undefined ? {} : { gate }) } as const;
  return { file: `${version}.qcow2`, record };
}

const fileOf = (images: readonly StoredImage[], word: string): string => findImage(images, word).file;

it('a build that failed its throw-away boot is the newest only where its name has no other', () => {
  const { name } = RECORD;
  expect(fileOf([image('20260101'), image('20260202', 'failed')], name)).toBe('20260101.qcow2');
  expect(fileOf([image('20260101'), image('20260202', 'passed')], name)).toBe('20260202.qcow2');
  expect(fileOf([image('20260202', 'failed')], name)).toBe('20260202.qcow2');
  expect(fileOf([image('20260101'), image('20260202', 'failed')], `${name}@20260202`)).toBe('20260202.qcow2');
});

it.each(['../up.qcow2', '/etc/cron.d/x', '.hidden', 'a/b.qcow2', ''])(
  'a volume called %j is about no image',
  (file) => {
    expect(fileOfRecord(`${file}.plow.json`)).toBeUndefined();
  },
);

it('a record is about the file that is called as it is', () => {
  expect(fileOfRecord('debian-12-20260712.qcow2.plow.json')).toBe('debian-12-20260712.qcow2');
  expect(fileOfRecord('debian-12-20260712.qcow2')).toBeUndefined();
});
