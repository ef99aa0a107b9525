import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readRecord } from '../../../../src/vm/image-store/record.ts';
import { importImage } from '../../../../src/vm/pull/import-image.ts';
import type { ImportWish } from '../../../../src/vm/pull/import-image.ts';
import type { Pulled } from '../../../../src/vm/pull/pull.ts';
import { whileTimePasses } from '../../time.ts';
import type { TestContext } from '../context.ts';
import { thrownBy } from '../each-call.ts';
import { fileOf } from './file-of.ts';
import { HEX, host, IMAGE, PATH, PLACE, tools, VERSION } from './pulled.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const WISH: ImportWish = { name: 'debian', version: undefined, digest: undefined };
const importFile = (context: TestContext, file = fileOf(IMAGE), wish = WISH): Promise<Pulled> =>
  whileTimePasses(importImage(file, wish, tools(), context));

function filesOf({ hypervisor }: TestContext): readonly string[] {
  return [...(hypervisor.directories.get(PLACE)?.keys() ?? [])];
}

describe('a file that is imported', () => {
  it('is called after its digest, and its record tells nothing of where it lay', async () => {
    const context = host();
    expect(await importFile(context)).toMatchObject({ status: 'pulled', path: PATH });
    expect(Buffer.compare(context.hypervisor.contents.get(PATH) ?? Buffer.of(), IMAGE)).toBe(0);
    const record = readRecord(context.hypervisor.contents.get(`${PATH}.plow.json`) ?? Buffer.of());
    expect(record).toMatchObject({
      status: 'ready',
      version: VERSION,
      url: 'imported://debian%2012.qcow2',
      downloaded: `sha256:${HEX}`,
      content: `sha256:${HEX}`,
      insecure: false,
    });
    expect(JSON.stringify(record)).not.toContain('home');
    expect(context.progress.lines.join()).toContain(`debian@${VERSION} imported to ${PATH}`);
    expect(await importFile(context)).toMatchObject({ status: 'exists' });
  });

  it('of another digest is not sent', async () => {
    const context = host();
    const digest = { algorithm: 'sha256', hex: 'a'.repeat(64) } as const;
    expect(await thrownBy(importFile(context, fileOf(IMAGE), { ...WISH, digest }))).toMatchObject({
      kind: 'validation',
      message: `/home/me/secret/debian 12.qcow2 is another file: it has sha256:${HEX}`,
    });
    expect(context.hypervisor.calls).toStrictEqual([]);
  });

  it.each([1, 2])('leaves nothing where it has changed at the end of pass %i', async (pass) => {
    const context = host();
    let passes = 0;
    const file = fileOf(IMAGE, () => (passes += 1) < pass);
    expect(await thrownBy(importFile(context, file))).toMatchObject({
      kind: 'storage',
      message: '/home/me/secret/debian 12.qcow2 has changed since it was looked at',
    });
    expect(filesOf(context)).toStrictEqual([]);
  });

  it('leaves nothing where its bytes are others the second time, whatever its times say', async () => {
    const context = host();
    const bytes = IMAGE.slice();
    const file = fileOf(bytes);
    let reads = 0;
    const other = {
      ...file,
      read: async (buffer: Uint8Array, offset: number): Promise<number> => {
        reads += 1;
        if (reads > 4) bytes[650_000] = 1;
        return file.read(buffer, offset);
      },
    };
    expect(await thrownBy(importFile(context, other))).toMatchObject({ kind: 'validation' });
    expect(filesOf(context)).toStrictEqual([]);
  });
});
