import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import { listImages } from '../../../../src/vm/image-store/list-images.ts';
import { pullImage } from '../../../../src/vm/pull/pull.ts';
import type { Pulled } from '../../../../src/vm/pull/pull.ts';
import { readRecord } from '../../../../src/vm/image-store/record.ts';
import type { ImageRecord } from '../../../../src/vm/image-store/record.ts';
import type { PullTools, WantedImage } from '../../../../src/vm/pull/wanted.ts';
import { whileTimePasses } from '../../time.ts';
import type { TestContext } from '../context.ts';
import { thrownBy } from '../each-call.ts';
import { HEX, host, hostWith, IMAGE, PATH, PLACE, tools, VERSION, WANTED } from './pulled.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pull = (context: TestContext, served: PullTools, wanted = WANTED): Promise<Pulled> =>
  whileTimePasses(pullImage(wanted, served, context));

function filesOf({ hypervisor }: TestContext): readonly string[] {
  return [...(hypervisor.directories.get(PLACE)?.keys() ?? [])].toSorted();
}

function recordOf({ hypervisor }: TestContext): ImageRecord | undefined {
  return readRecord(hypervisor.contents.get(`${PATH}.plow.json`) ?? new Uint8Array());
}

describe('an image that is pulled', () => {
  it('is there with all its bytes and a record, and no pool is left', async () => {
    const context = host();
    expect(await pull(context, tools())).toMatchObject({ status: 'pulled', path: PATH });
    expect(Buffer.compare(context.hypervisor.contents.get(PATH) ?? Buffer.of(), IMAGE)).toBe(0);
    expect(recordOf(context)).toMatchObject({
      status: 'ready',
      name: 'debian',
      version: VERSION,
      url: 'https://example.com/debian.qcow2',
      downloaded: `sha256:${HEX}`,
      content: `sha256:${HEX}`,
      bytes: IMAGE.length,
    });
    expect(context.hypervisor.pools.size).toBe(0);
    expect(context.hypervisor.held).toBe(0);
    expect(await listImages(context)).toMatchObject([{ path: PATH, usedBy: [] }]);
  });

  it('has no head until all of it has come, whichever call or chunk fails', async () => {
    for (let index = 0; ; index += 1) {
      const context = host();
      context.hypervisor.fault = (_call, at) => (at === index ? 'no-space' : undefined);
      const error = await thrownBy(pull(context, tools()));
      const bytes = context.hypervisor.contents.get(PATH);
      const isWhole = bytes !== undefined && Buffer.compare(bytes, IMAGE) === 0;
      const hasHead = bytes?.subarray(0, 4096).some((byte) => byte !== 0) === true;
      expect(isWhole || !hasHead).toBe(true);
      if (error === undefined) break;
    }
  });

  it('is not downloaded a second time', async () => {
    const context = host();
    await pull(context, tools());
    const again = tools();
    expect(await pull(context, again)).toMatchObject({ status: 'exists', path: PATH });
    expect(again.opened).toBe(0);
  });

  it('of which the digest is another one leaves nothing', async () => {
    const context = host();
    const wanted: WantedImage = {
      ...WANTED,
      downloaded: { algorithm: 'sha256', hex: 'a'.repeat(64) },
      content: { algorithm: 'sha256', hex: HEX },
    };
    expect(await thrownBy(pull(context, tools(), wanted))).toMatchObject({
      kind: 'validation',
      message: `what https://example.com/debian.qcow2 gives is another file: it has sha256:${HEX}`,
    });
    expect(filesOf(context)).toStrictEqual([]);
  });

  it('that stands on another file is refused by its first bytes', async () => {
    const context = host();
    const bytes = IMAGE.slice();
    new DataView(bytes.buffer).setBigUint64(8, 512n);
    const served = tools(bytes);
    expect(await thrownBy(pull(context, served))).toMatchObject({ kind: 'validation' });
    expect(served.given).toBe(1);
    expect(filesOf(context)).toStrictEqual([]);
  });

  it('that is a web page is none', async () => {
    const page = new TextEncoder().encode(`<!DOCTYPE html>${' '.repeat(1000)}`);
    expect(String(await thrownBy(pull(host(), tools(page))))).toContain('is a web page');
  });

  it('is taken back when plow is interrupted', async () => {
    const context = host();
    const stop = new AbortController();
    const served = tools(IMAGE, (chunk) => {
      if (chunk === 4) stop.abort(new Interrupted('SIGINT'));
    });
    const error = await thrownBy(pull({ ...context, signal: stop.signal }, served));
    expect(error).toBeInstanceOf(Interrupted);
    expect(filesOf(context)).toStrictEqual([]);
  });

  it('is told of where somebody removes it in the middle', async () => {
    const context = host();
    const served = tools(IMAGE, (chunk) => {
      if (chunk !== 5) return;
      context.hypervisor.directories.get(PLACE)?.clear();
      context.hypervisor.contents.clear();
    });
    expect(await thrownBy(pull(context, served))).toMatchObject({
      kind: 'storage',
      message: `somebody has removed ${PATH} while it was pulled`,
    });
  });
});

/** Of a signature that is good. */
const verification = async (): ReturnType<NonNullable<WantedImage['verification']>> => ({
  write: async () => {},
  end: async () => 'A',
  dispose: async () => {},
});

describe('a name that is taken', () => {
  it('by a plow that was killed is taken over', async () => {
    const context = hostWith({}, new Uint8Array(300_000));
    context.hypervisor.writtenAt = 0;
    expect(await pull(context, tools())).toMatchObject({ status: 'pulled' });
    expect(recordOf(context)).toMatchObject({ status: 'ready', plow: context.version });
  });

  it('by one that was killed after the proof is one that is there', async () => {
    const digest = `sha256:${HEX}`;
    const context = hostWith({ downloaded: digest, content: digest }, IMAGE);
    context.hypervisor.writtenAt = 0;
    expect(await pull(context, tools())).toMatchObject({ status: 'exists' });
    expect(recordOf(context)).toMatchObject({ status: 'ready', token: 'other' });
  });

  it('by one that lives, or was killed a moment ago, is its own', async () => {
    const context = hostWith({}, new Uint8Array(300_000));
    context.hypervisor.writtenAt = context.now().getTime() / 1000 - 60;
    expect(await thrownBy(pull(context, tools()))).toMatchObject({
      kind: 'operation',
      message: `another plow pulls ${PATH} just now, or was killed a moment ago`,
    });
    expect(context.hypervisor.contents.get(PATH)).toHaveLength(300_000);
  });

  it('by a half head is taken over, and not taken for an image', async () => {
    const digest = `sha256:${HEX}`;
    const half = new Uint8Array(IMAGE.length);
    half.set(IMAGE.subarray(0, 50));
    const context = hostWith({ downloaded: digest, content: digest }, half);
    context.hypervisor.writtenAt = 0;
    expect(await pull(context, tools())).toMatchObject({ status: 'pulled' });
    expect(Buffer.compare(context.hypervisor.contents.get(PATH) ?? Buffer.of(), IMAGE)).toBe(0);
  });

  it('by a record whose image has gone is free', async () => {
    const digest = `sha256:${HEX}`;
    const context = hostWith(
      { status: 'ready', downloaded: 'sha256:' + 'c'.repeat(64), content: digest },
      IMAGE,
    );
    context.hypervisor.directories.get(PLACE)?.delete(PATH.slice(PLACE.length + 1));
    context.hypervisor.contents.delete(PATH);
    expect(await pull(context, tools())).toMatchObject({ status: 'pulled' });
  });

  it("by somebody's own file keeps it, whatever a record beside it says", async () => {
    const zeros = new Uint8Array(300_000);
    const context = hostWith({ isMade: false }, zeros);
    context.hypervisor.writtenAt = 0;
    expect(String(await thrownBy(pull(context, tools())))).toContain('is another image');
    expect(context.hypervisor.contents.get(PATH)).toBe(zeros);
  });

  it('by one that nobody has verified is no image for who wants it signed', async () => {
    const digest = `sha256:${HEX}`;
    const context = hostWith({ status: 'ready', downloaded: digest, content: digest }, IMAGE);
    expect(await thrownBy(pull(context, tools(), { ...WANTED, verification }))).toMatchObject({
      message: `${PATH} is there, and nobody has verified its signature`,
    });
  });

  it('by another image is never written to', async () => {
    const digest = `sha256:${'b'.repeat(64)}`;
    const context = hostWith({ status: 'ready', downloaded: digest, content: digest }, IMAGE);
    expect(await thrownBy(pull(context, tools()))).toMatchObject({
      kind: 'validation',
      message: `${PATH} is there, and is another image`,
    });
    expect(context.hypervisor.contents.get(PATH)).toBe(IMAGE);
  });
});
