import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Garbage } from '../../../../src/vm/gc/garbage.ts';
import { findPulls } from '../../../../src/vm/gc/pulls.ts';
import { removeGarbage } from '../../../../src/vm/gc/remove.ts';
import { listFiles } from '../../../../src/vm/image-store/list-images.ts';
import { findUnneeded } from '../../../../src/vm/image-store/prune-images.ts';
import type { ImageRecord } from '../../../../src/vm/image-store/record.ts';
import { whileTimePasses } from '../../time.ts';
import type { TestContext } from '../context.ts';
import { HEX, hostWith, IMAGE, PATH, PLACE, VERSION } from '../pull/pulled.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const DAY_MS = 24 * 60 * 60_000;
const DIGEST = `sha256:${HEX}`;
const PROVEN = { downloaded: DIGEST, content: DIGEST } as const;
const NAME = PATH.slice(PLACE.length + 1);

/** Of a plow that was killed so many hours ago. */
function host(record: Partial<ImageRecord>, hoursAgo: number, bytes = new Uint8Array(300_000)): TestContext {
  const context = hostWith(record, bytes);
  context.hypervisor.writtenAt = context.now().getTime() / 1000 - hoursAgo * 3600;
  return context;
}

const found = (context: TestContext): Promise<readonly Garbage[]> => findPulls(DAY_MS, context);

function filesOf({ hypervisor }: TestContext): readonly string[] {
  return [...(hypervisor.directories.get(PLACE)?.keys() ?? [])];
}

async function collected(context: TestContext): Promise<readonly string[]> {
  for (const garbage of await found(context)) await whileTimePasses(removeGarbage(garbage));
  return filesOf(context);
}

describe('what a pull that was killed has left', () => {
  it.each(['pulling', 'removing'] as const)('goes after a day: %s', async (status) => {
    const context = host({ status }, 25);
    expect(await found(context)).toMatchObject([{ kind: 'image', what: PATH }]);
    expect(await findUnneeded(context)).toMatchObject([{ path: PATH }]);
    expect(await collected(context)).toStrictEqual([]);
  });

  it('stays before that', async () => {
    const context = host({}, 23);
    expect(await found(context)).toMatchObject([
      { fate: { stays: expect.stringContaining('touched') as unknown } },
    ]);
    expect(await findUnneeded(context)).toStrictEqual([]);
    expect(await collected(context)).toHaveLength(2);
  });

  it('stays where it was written to since it was shown', async () => {
    const context = host({}, 25);
    const [garbage] = await found(context);
    context.hypervisor.writtenAt = context.now().getTime() / 1000;
    const left = garbage && (await whileTimePasses(removeGarbage(garbage)));
    expect(left).toStrictEqual(new Map([[PATH, expect.stringContaining('touched')]]));
    expect(filesOf(context)).toHaveLength(2);
  });

  it('stays where all of it is there, and where a VM stands on it', async () => {
    const whole = host(PROVEN, 25, IMAGE);
    expect(await found(whole)).toMatchObject([
      { fate: { stays: expect.stringContaining('all of it') as unknown } },
    ]);
    const used = host({ ...PROVEN, status: 'removing' }, 25, IMAGE);
    used.hypervisor.addDomain(
      'web',
      `<domain><name>web</name><os><kernel>${PATH}</kernel></os></domain>`,
      'running',
    );
    await expect(collected(used)).rejects.toThrow(`VM 'web' stands on ${PATH}`);
    expect(filesOf(used)).toHaveLength(2);
  });

  it('is a record whose image has gone', async () => {
    const context = host({ status: 'ready' }, 25);
    context.hypervisor.directories.get(PLACE)?.delete(NAME);
    expect(await found(context)).toMatchObject([{ what: `${PATH}.plow.json` }]);
    expect(await collected(context)).toStrictEqual([]);
  });

  it('is a pair of empty files, and nothing that anyone has written', async () => {
    const empty = host({}, 25, new Uint8Array());
    empty.hypervisor.contents.set(`${PATH}.plow.json`, new Uint8Array());
    expect(await collected(empty)).toStrictEqual([]);
    const foreign = host({}, 25);
    foreign.hypervisor.contents.set(`${PATH}.plow.json`, new TextEncoder().encode('notes'));
    expect(await found(foreign)).toStrictEqual([]);
  });

  it('is none that is ready', async () => {
    expect(await found(host({ ...PROVEN, status: 'ready' }, 25, IMAGE))).toStrictEqual([]);
  });
});

it('lists files without a record behind those that have one', async () => {
  const context = host({ ...PROVEN, status: 'ready', bytes: 1, capacityBytes: 2 }, 1, IMAGE);
  context.hypervisor.directories.get(PLACE)?.set('brought.qcow2', 'qcow2 1024');
  context.hypervisor.directories.get(PLACE)?.set('a.directory', 'dir 0');
  const disk = `<devices><disk><source file='${PLACE}/brought.qcow2'/></disk></devices>`;
  context.hypervisor.addDomain('db', `<domain><name>db</name>${disk}</domain>`, 'running');
  expect(await listFiles(context)).toMatchObject([
    { path: PATH, record: { version: VERSION }, bytes: 1, capacityBytes: 2, usedBy: [] },
    {
      path: `${PLACE}/brought.qcow2`,
      record: undefined,
      format: 'qcow2',
      capacityBytes: 1024,
      usedBy: ['db'],
    },
  ]);
});
