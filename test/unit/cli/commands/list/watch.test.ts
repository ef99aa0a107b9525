import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Settings } from '../../../../../src/cli/settings/settings.ts';
import { watch } from '../../../../../src/cli/commands/list/watch.ts';
import { HypervisorError } from '../../../../../src/errors/hypervisor-error.ts';
import { Interrupted } from '../../../../../src/errors/interrupted.ts';
import { EventQueue } from '../../../../../src/libvirt/domain/event-queue.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { failure } from '../../../vm/fake/pieces.ts';
import { fakeEnvironment } from '../../environment.ts';

vi.mock('node:timers/promises', () => import('../../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

const SETTINGS = { uri: 'test:///default', verbose: false } as Settings;

interface Run {
  /** Has something happen: `change`, `disconnect`, or `lose` the reader. */
  readonly befall: (event: 'change' | 'disconnect' | 'lose') => void;
  readonly interrupt: () => void;
  readonly stdout: readonly string[];
  readonly done: Promise<number>;
}

async function disconnection(events: EventEmitter): Promise<never> {
  await once(events, 'disconnect');
  throw failure('virConnectIsAlive', 'disconnected');
}

const CHANGE = { name: 'vm', uuid: 'uuid', kind: 'changed' } as const;

/** Watches with looks that take that long; each shows its number, and `together` where two were under way. */
function run(lookMs: number, frame = (count: number): string => String(count), isForPrograms = false): Run {
  const events = new EventEmitter();
  const hypervisor = new FakeHypervisor();
  hypervisor.watchDomains = async () => {
    const queue = new EventQueue(disconnection(events), () => {});
    events.on('change', () => queue.add(CHANGE));
    return queue;
  };
  const controller = new AbortController();
  const environment = fakeEnvironment(hypervisor);
  const lost = once(events, 'lose').then(() => undefined);
  let looks = 0;
  let underWay = 0;
  const done = watch(
    SETTINGS,
    {
      ...environment,
      output: { ...environment.output, lost },
      interruptible: () => ({ signal: controller.signal, making: () => {}, settled: () => {} }),
    },
    async () => {
      looks += 1;
      underWay += 1;
      const line = underWay > 1 ? 'together' : frame(looks);
      await sleep(lookMs);
      underWay -= 1;
      return { lines: [line], note: undefined };
    },
    isForPrograms,
  );
  return {
    befall: (event) => void events.emit(event),
    interrupt: () => controller.abort(new Interrupted('SIGINT')),
    stdout: environment.stdout,
    done,
  };
}

describe('watching', () => {
  it('looks once, and again only after a change', async () => {
    const { befall, stdout, done, interrupt } = run(1);
    await pass(10_000);
    expect(stdout).toStrictEqual(['1']);
    befall('change');
    await pass(10_000);
    expect(stdout).toStrictEqual(['1', '', '2']);
    interrupt();
    expect(await done).toBe(130);
  });

  it('looks at most ten times a second, one look at a time, and once more after the last change', async () => {
    const { befall, stdout, done, interrupt } = run(30);
    const looks = (): readonly string[] => stdout.filter((line) => line !== '');
    for (let change = 0; change < 50; change += 1) {
      befall('change');
      await pass(10);
    }
    befall('change');
    expect(looks()).toStrictEqual(['1', '2', '3', '4']);
    await pass(10_000);
    expect(looks().slice(0, 5)).toStrictEqual(['1', '2', '3', '4', '5']);
    expect(looks()).not.toContain('together');
    interrupt();
    expect(await done).toBe(130);
  });

  it('looks again after a change that came while it looked', async () => {
    const { befall, stdout, done, interrupt } = run(100);
    await pass(50);
    befall('change');
    await pass(10_000);
    expect(stdout).toStrictEqual(['1', '', '2']);
    interrupt();
    expect(await done).toBe(130);
  });

  it('prints nothing that looks as before', async () => {
    const frame = vi.fn<() => string>(() => 'the same');
    const { befall, stdout, done, interrupt } = run(1, frame);
    for (let change = 0; change < 3; change += 1) {
      await pass(150);
      befall('change');
    }
    await pass(300);
    expect(frame).toHaveBeenCalledTimes(4);
    expect(stdout).toStrictEqual(['the same']);
    interrupt();
    await done;
  });

  it('ends at once when it is interrupted while it looks, and shows no more', async () => {
    const { stdout, done, interrupt } = run(200);
    const ended = vi.fn<(code: number) => void>();
    void done.then(ended);
    await pass(20);
    interrupt();
    await pass(0);
    expect(ended).toHaveBeenCalledWith(130);
    await pass(10_000);
    expect(stdout).toStrictEqual([]);
  });

  it('ends with an interruption that can be told, where programs read it', async () => {
    const { done, interrupt } = run(1, String, true);
    await pass(20);
    interrupt();
    await expect(done).rejects.toBeInstanceOf(Interrupted);
  });

  it('ends when its reader goes away', async () => {
    const { befall, done } = run(1);
    await pass(50);
    befall('lose');
    expect(await done).toBe(0);
  });

  it('fails when the connection breaks', async () => {
    const { befall, done } = run(1);
    await pass(50);
    befall('disconnect');
    await expect(done).rejects.toMatchObject({
      kind: 'connection',
      message: 'cannot watch the VMs: the line to libvirt broke',
    });
  });

  it('fails where the hypervisor tells of no events', async () => {
    const hypervisor = new FakeHypervisor();
    hypervisor.watchDomains = async () => {
      throw new HypervisorError('no events', { reason: 'unsupported', call: 'x', code: 3, domain: 0 });
    };
    const watching = watch(SETTINGS, fakeEnvironment(hypervisor), async () => ({
      lines: [],
      note: undefined,
    }));
    await expect(watching).rejects.toMatchObject({ kind: 'operation', message: 'cannot watch the VMs' });
  });
});
