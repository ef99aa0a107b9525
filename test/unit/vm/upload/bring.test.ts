import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bringImage } from '../../../../src/vm/upload/bring.ts';
import { fingerprintOf } from '../../../../src/vm/upload/fingerprint.ts';
import { planUpload } from '../../../../src/vm/upload/plan.ts';
import { uploadName } from '../../../../src/vm/upload/place.ts';
import { readRecord, writeRecord } from '../../../../src/vm/upload/record.ts';
import { whileTimePasses } from '../../time.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { thrownBy } from '../each-call.ts';
import { fileOf, newHasher, sampleBytes, WANTED } from './wanted.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PLACE = '/images/plow.images';
const PATH = `${PLACE}/${uploadName('./debian.qcow2', 'qcow2', WANTED.print)}`;
const TOKEN = '11111111-0000-4000-8000-000000000000';

function host(): TestContext {
  const context = testContext();
  context.hypervisor.addDirectory('/images');
  return context;
}

/** A host on which a part is there. */
function hostWithPart(bytes: Uint8Array): TestContext {
  const context = host();
  context.hypervisor.directories.set(PLACE, new Map([[PATH.slice(PLACE.length + 1), 'raw 0']]));
  context.hypervisor.contents.set(PATH, bytes);
  return context;
}

/** All of the image, or nothing that passes for one. */
function isWholeOrNone(bytes: Uint8Array): boolean {
  const hasHead = Buffer.compare(bytes.subarray(0, 4096), WANTED.print.head) === 0;
  if (hasHead) return Buffer.compare(bytes, sampleBytes()) === 0;
  return bytes.length === 0 || readRecord(bytes) !== undefined;
}

const bring = (context: TestContext): Promise<string> =>
  whileTimePasses(bringImage(WANTED, newHasher, context));

describe('an image that is brought', () => {
  it('is there with all its bytes, and no pool is left', async () => {
    const context = host();
    expect(await planUpload(WANTED, context)).toMatchObject({ path: PATH, there: 'nothing' });
    expect(await bring(context)).toBe(PATH);
    expect(Buffer.compare(context.hypervisor.contents.get(PATH) ?? Buffer.of(), sampleBytes())).toBe(0);
    expect(context.hypervisor.pools.size).toBe(0);
    expect(context.hypervisor.held).toBe(0);
    expect(await planUpload(WANTED, context)).toMatchObject({ there: 'all', sendBytes: 0 });
  });

  it('has its head last: a call that fails before leaves none', async () => {
    for (let index = 0; ; index += 1) {
      const context = host();
      context.hypervisor.fault = (_call, at) => (at >= index ? 'disconnected' : undefined);
      const error = await thrownBy(bring(context));
      const bytes = context.hypervisor.contents.get(PATH) ?? new Uint8Array();
      expect(isWholeOrNone(bytes)).toBe(true);
      if (error === undefined) break;
    }
  });

  it.each([
    ['nothing was written yet', new Uint8Array()],
    ['somebody began', writeRecord({ digest: WANTED.print.digest, bytes: WANTED.print.bytes, token: TOKEN })],
  ])('is gone on with where %s, and nobody sends it', async (_, part) => {
    const context = hostWithPart(part);
    expect(await bring(context)).toBe(PATH);
    expect(Buffer.compare(context.hypervisor.contents.get(PATH) ?? Buffer.of(), sampleBytes())).toBe(0);
  });

  it.each([
    ['something else', new Uint8Array(5000).fill(1)],
    ['its head and not its length', sampleBytes().slice(0, 100_000)],
    ['the record of another', writeRecord({ digest: 'a'.repeat(64), bytes: 5000, token: TOKEN })],
  ])('is refused where %s has its name, which stays', async (_, other) => {
    const context = hostWithPart(other);
    expect(String(await thrownBy(bring(context)))).toContain(`${PATH} is there, and is not`);
    expect(context.hypervisor.contents.get(PATH)).toBe(other);
  });

  it('is not there where the file has changed', async () => {
    const context = host();
    const wanted = { ...WANTED, file: fileOf(sampleBytes().fill(3, 2_200_000, 2_200_001)) };
    const bringing = whileTimePasses(bringImage(wanted, newHasher, context));
    expect(String(await thrownBy(bringing))).toContain('./debian.qcow2 has changed');
    expect(context.hypervisor.directories.get(PLACE)?.size).toBe(0);
  });

  it('is not begun where there is no room for it', async () => {
    const context = host();
    context.hypervisor.available.set(PLACE, 1000);
    expect(String(await thrownBy(bring(context)))).toContain('has 1000 bytes free');
    expect(context.hypervisor.directories.get(PLACE)?.size).toBe(0);
  });
});

it('a fingerprint is that of all bytes', async () => {
  const print = await fingerprintOf(fileOf(sampleBytes()), newHasher, testContext());
  expect(print).toStrictEqual(WANTED.print);
});
