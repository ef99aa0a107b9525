import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import { PlowError } from '../../../../src/errors/plow-error.ts';
import { copyOf } from '../../../../src/vm/pull/copy.ts';
import { bringToEach } from '../../../../src/vm/pull/pull.ts';
import type { Outcome } from '../../../../src/vm/pull/pull.ts';
import { fromWeb } from '../../../../src/vm/pull/source.ts';
import type { Bringing } from '../../../../src/vm/pull/source.ts';
import { readRecord } from '../../../../src/vm/image-store/record.ts';
import type { ImageRecord } from '../../../../src/vm/image-store/record.ts';
import { whileTimePasses } from '../../time.ts';
import type { TestContext } from '../context.ts';
import { thrownBy } from '../each-call.ts';
import { HEX, host, hostWith, IMAGE, PATH, PLACE, tools, WANTED } from './pulled.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const DIGEST = `sha256:${HEX}`;
const READY = { status: 'ready', downloaded: DIGEST, content: DIGEST, bytes: IMAGE.length } as const;

const bring = (bringing: Bringing, contexts: readonly TestContext[]): Promise<readonly Outcome[]> => {
  const [first = host()] = contexts;
  return whileTimePasses(bringToEach(bringing, contexts, first));
};

/** `pulled`, or what went wrong. */
function told(outcome: Outcome): string {
  if (outcome.pulled !== undefined) return outcome.pulled.status;
  return `${outcome.isOfSource ? 'source' : 'own'}: ${String(outcome.error)}`;
}

function isWholeOn({ hypervisor }: TestContext): boolean {
  return Buffer.compare(hypervisor.contents.get(PATH) ?? Buffer.of(), IMAGE) === 0;
}

function filesOf({ hypervisor }: TestContext): readonly string[] {
  return [...(hypervisor.directories.get(PLACE)?.keys() ?? [])].toSorted();
}

describe('an image for several hypervisors', () => {
  it('comes once, and is whole on each', async () => {
    const hosts = [host(), host(), host()];
    const served = tools();
    const outcomes = await bring(fromWeb(WANTED, served), hosts);
    expect(outcomes.map(told)).toStrictEqual(['pulled', 'pulled', 'pulled']);
    expect([served.opened, served.given]).toStrictEqual([1, IMAGE.length / 100_000]);
    for (const one of hosts) {
      expect(isWholeOn(one)).toBe(true);
      expect([one.hypervisor.pools.size, one.hypervisor.held]).toStrictEqual([0, 0]);
    }
  });

  it('does not go to those that have it, and is not asked for where all have', async () => {
    const served = tools();
    const [there, other] = [hostWith(READY, IMAGE), host()];
    expect((await bring(fromWeb(WANTED, served), [there, other])).map(told)).toStrictEqual([
      'exists',
      'pulled',
    ]);
    expect(served.opened).toBe(1);
    expect((await bring(fromWeb(WANTED, served), [there, other])).map(told)).toStrictEqual([
      'exists',
      'exists',
    ]);
    expect(served.opened).toBe(1);
  });

  it('is whole on the others, whichever call fails on one, which keeps no part of it', async () => {
    for (let index = 0; ; index += 1) {
      const [first, faulty, last] = [host(), host(), host()];
      let isOver = true;
      faulty.hypervisor.fault = (_call, at) => {
        if (at !== index) return undefined;
        isOver = false;
        return 'no-space';
      };
      const heard: number[] = [];
      const bringing = bringToEach(fromWeb(WANTED, tools()), [first, faulty, last], first, (_, at) =>
        heard.push(at),
      );
      await whileTimePasses(bringing);
      expect([isWholeOn(first), isWholeOn(last)]).toStrictEqual([true, true]);
      expect(heard.toSorted((one, other) => one - other)).toStrictEqual([0, 1, 2]);
      const bytes = faulty.hypervisor.contents.get(PATH);
      const hasHead = bytes?.subarray(0, 4096).some((byte) => byte !== 0) === true;
      expect(isWholeOn(faulty) || !hasHead).toBe(true);
      if (isOver) break;
    }
  });

  it('stays away from a file that is another one, and from a disk that is too small', async () => {
    const digest = `sha256:${'b'.repeat(64)}`;
    const [taken, small, last] = [
      hostWith({ ...READY, downloaded: digest, content: digest }, IMAGE),
      host(),
      host(),
    ];
    small.hypervisor.available.set(PLACE, 300_000);
    const outcomes = await bring(fromWeb(WANTED, tools()), [taken, small, last]);
    expect(outcomes.map(told)).toStrictEqual([
      `own: PlowError: ${PATH} is there, and is another image`,
      'own: PlowError: debian is larger than the 293 KiB that are free there',
      'pulled',
    ]);
    expect(filesOf(small)).toStrictEqual([]);
  });

  it('is nowhere where its digest is another one, or nothing comes', async () => {
    const hosts = [host(), host()];
    const wrong = { ...WANTED, downloaded: { algorithm: 'sha256', hex: 'a'.repeat(64) } } as const;
    const outcomes = await bring(fromWeb(wrong, tools()), hosts);
    expect(outcomes.every((one) => told(one).startsWith('source: '))).toBe(true);
    expect(hosts.map(filesOf)).toStrictEqual([[], []]);
    const cut = tools(IMAGE, (chunk) => {
      if (chunk === 5) throw new PlowError('storage', 'cut');
    });
    expect((await bring(fromWeb(WANTED, cut), hosts)).map(told)).toStrictEqual([
      'source: PlowError: cut',
      'source: PlowError: cut',
    ]);
    expect(hosts.map(filesOf)).toStrictEqual([[], []]);
  });

  it('is asked for no more once all have dropped out', async () => {
    const served = tools();
    const hosts = [host(), host()];
    for (const { hypervisor } of hosts)
      hypervisor.fault = (call) => (call === 'Volume.writeSparse' ? 'no-space' : undefined);
    await bring(fromWeb(WANTED, served), hosts);
    expect(served.given).toBeLessThan(IMAGE.length / 100_000);
    expect(hosts.map(filesOf)).toStrictEqual([[], []]);
  });

  it('is taken back everywhere when plow is interrupted', async () => {
    const stop = new AbortController();
    const hosts = [host(), host()].map((one) => ({ ...one, signal: stop.signal }));
    const served = tools(IMAGE, (chunk) => {
      if (chunk === 4) stop.abort(new Interrupted('SIGINT'));
    });
    const outcomes = await bring(fromWeb(WANTED, served), hosts);
    expect(outcomes.map((one) => one.pulled === undefined && one.error)).toMatchObject([
      { outcome: 'nothing of the image was left there' },
      { outcome: 'nothing of the image was left there' },
    ]);
    expect(hosts.map(filesOf)).toStrictEqual([[], []]);
  });
});

function recordOn({ hypervisor }: TestContext): ImageRecord | undefined {
  return readRecord(hypervisor.contents.get(`${PATH}.plow.json`) ?? new Uint8Array());
}

const copy = async (from: TestContext, to: readonly TestContext[]): Promise<readonly Outcome[]> =>
  bring(await whileTimePasses(copyOf('debian', createHash, 'hv1', from)), to);

describe('a copy of an image', () => {
  const signed = { ...READY, signedBy: 'A', version: '2026', url: 'https://example.com/x' };
  const source = (bytes = IMAGE): TestContext => hostWith(signed, bytes);
  it('has its bytes, its file and all that is known of it', async () => {
    const [from, to] = [source(), host()];
    expect((await copy(from, [to])).map(told)).toStrictEqual(['pulled']);
    expect(isWholeOn(to)).toBe(true);
    expect(recordOn(to)).toStrictEqual({
      ...recordOn(from),
      token: expect.stringMatching(/^0{8}-/u) as unknown,
      capacityBytes: 2 ** 30,
    });
    expect((await copy(from, [to])).map(told)).toStrictEqual(['exists']);
    expect(to.progress.lines.at(-1)).toBe(`done: debian@2026 is there already: ${PATH}`);
    expect(from.hypervisor.held).toBe(0);
  });

  it('is nowhere where the bytes are others by now', async () => {
    const spoilt = IMAGE.slice();
    spoilt[400_000] = 1;
    const to = host();
    const [outcome] = await copy(source(spoilt), [to]);
    expect(outcome && told(outcome)).toMatch(/^source: .* on hv1 is another file: it has sha256:/u);
    expect(filesOf(to)).toStrictEqual([]);
  });

  it('is not made of one without a digest', async () => {
    const from = hostWith({ ...signed, content: null }, IMAGE);
    expect(String(await thrownBy(whileTimePasses(copyOf('debian', createHash, 'hv1', from))))).toContain(
      `${PATH} on hv1 has no digest`,
    );
  });
});
