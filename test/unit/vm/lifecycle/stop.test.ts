import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import { PlowError } from '../../../../src/errors/plow-error.ts';
import type { DomainState } from '../../../../src/hypervisor/domain-facts.ts';
import type { DomainWatch } from '../../../../src/hypervisor/events.ts';
import { EventQueue } from '../../../../src/libvirt/domain/event-queue.ts';
import { stopDomain } from '../../../../src/vm/lifecycle/stop.ts';
import type { Routed } from '../../../../src/vm/lifecycle/shut-down-unrouted.ts';
import { testContext } from '../context.ts';
import { FakeHypervisor } from '../fake-hypervisor.ts';
import { failure } from '../fake/pieces.ts';

/** A clock that jumps to the next thing that is to happen, once nothing else is left to do. */
const clock = vi.hoisted(() => ({ now: 0, alarms: [] as { at: number; ring: () => void }[] }));
vi.mock('node:timers/promises', () => ({
  setTimeout: (milliseconds: number, value: unknown) =>
    new Promise((resolve) => {
      clock.alarms.push({ at: clock.now + milliseconds, ring: () => resolve(value) });
    }),
}));

beforeEach(() => {
  clock.now = 0;
  clock.alarms = [];
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function untilEnd<T>(work: Promise<T>): Promise<T> {
  let isOver = false;
  const settled = work.finally(() => (isOver = true));
  settled.catch(() => undefined);
  for (;;) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (isOver) return settled;
    const [next] = clock.alarms.toSorted((one, other) => one.at - other.at);
    if (next === undefined) throw new Error('it waits for nothing');
    clock.alarms = clock.alarms.filter((alarm) => alarm !== next);
    clock.now = Math.max(clock.now, next.at);
    next.ring();
  }
}

const NOTE = 'note: the guest did not shut down within 5 seconds: forced off';

interface Guest {
  /** State at a time in milliseconds; `gone`: libvirt no longer knows the domain. */
  readonly state: (time: number) => DomainState | 'gone';
  /** When libvirt tells that it has stopped or started. */
  readonly events?: readonly number[];
  /** The same of another. */
  readonly others?: readonly number[];
  /** When the connection breaks. */
  readonly breaks?: number;
  readonly shutdown?: () => Promise<void>;
  readonly forceOff?: () => Promise<void>;
}

const OWN = { name: 'my-vm', uuid: 'uuid' };
const OTHER = { name: 'other', uuid: 'another' };

function hypervisorOf({ events = [], others = [], breaks }: Guest): FakeHypervisor {
  const watchDomains = async (): Promise<DomainWatch> => {
    const broken = new Promise<never>((_, reject) => {
      const ring = (): void => reject(failure('virConnectIsAlive', 'disconnected'));
      if (breaks !== undefined) clock.alarms.push({ at: breaks, ring });
    });
    const queue = new EventQueue(broken, () => {});
    for (const at of events) clock.alarms.push({ at, ring: () => queue.add({ ...OWN, kind: 'stopped' }) });
    for (const at of others) clock.alarms.push({ at, ring: () => queue.add({ ...OTHER, kind: 'stopped' }) });
    return queue;
  };
  return Object.assign(new FakeHypervisor(), { watchDomains });
}

async function stop(
  guest: Guest,
  { signal = new AbortController().signal, graceMs }: { signal?: AbortSignal; graceMs?: number } = {},
): Promise<{ calls: string[]; notes: readonly string[]; time: number; questions: number }> {
  const calls: string[] = [];
  let forced = false;
  let questions = 0;
  const domain: Routed = {
    name: 'my-vm',
    uuid: 'uuid',
    xml: async () => '<domain/>',
    state: async () => {
      questions += 1;
      const state = forced ? 'shut off' : guest.state(clock.now);
      if (state === 'gone') throw failure('state', 'not-found');
      return state;
    },
    shutdown: async () => {
      calls.push('shutdown');
      await guest.shutdown?.();
    },
    forceOff: async () => {
      calls.push('forceOff');
      await guest.forceOff?.();
      forced = true;
    },
  };
  const context = testContext({ signal, hypervisor: hypervisorOf(guest) });
  await untilEnd(stopDomain(domain, context, graceMs));
  return { calls, notes: context.progress.lines, time: clock.now, questions };
}

const fails = (call: string, reason: Parameters<typeof failure>[1]) => async (): Promise<void> => {
  throw failure(call, reason);
};

describe('stopping a domain', () => {
  it.each<[string, Guest, { calls: string[]; notes: string[]; time: number; questions: number }]>([
    [
      'that is off does nothing',
      { state: () => 'shut off' },
      { calls: [], notes: [], time: 0, questions: 1 },
    ],
    [
      'presses the power button and waits for the guest',
      { state: (time) => (time < 3000 ? 'running' : 'shut off'), events: [3000] },
      { calls: ['shutdown'], notes: [], time: 3000, questions: 2 },
    ],
    [
      'that shuts down already waits for it',
      { state: (time) => (time < 400 ? 'in shutdown' : 'shut off'), events: [400] },
      { calls: ['shutdown'], notes: [], time: 400, questions: 2 },
    ],
    [
      'that ignores the power button pulls the plug after 5 seconds and says so',
      { state: () => 'running' },
      { calls: ['shutdown', 'forceOff'], notes: [NOTE], time: 5000, questions: 2 },
    ],
    [
      'asks once more whenever it stops or starts, and not when another one does',
      { state: () => 'running', events: [1000, 1000, 4000], others: [2000] },
      { calls: ['shutdown', 'forceOff'], notes: [NOTE], time: 5000, questions: 5 },
    ],
    [
      'that was told to be off while the button was pressed is content',
      {
        state: () => (clock.now++ === 0 ? 'running' : 'shut off'),
        events: [0],
        shutdown: async () => {
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
        },
      },
      { calls: ['shutdown'], notes: [], time: 2, questions: 2 },
    ],
    [
      'that is paused pulls the plug at once',
      { state: () => 'paused' },
      { calls: ['forceOff'], notes: [], time: 0, questions: 1 },
    ],
    [
      'that crashed pulls the plug at once',
      { state: () => 'crashed' },
      { calls: ['forceOff'], notes: [], time: 0, questions: 1 },
    ],
    [
      'that sleeps pulls the plug at once',
      { state: () => 'pmsuspended' },
      { calls: ['forceOff'], notes: [], time: 0, questions: 1 },
    ],
    [
      'that stopped by itself before the button was pressed is content',
      {
        state: () => (clock.now++ === 0 ? 'running' : 'shut off'),
        shutdown: fails('shutdown', 'not-running'),
      },
      { calls: ['shutdown'], notes: [], time: 2, questions: 2 },
    ],
    [
      'whose QEMU does not react pulls the plug once the time is over',
      {
        state: () => 'running',
        shutdown: async () => {
          clock.now += 5000;
          throw failure('shutdown', 'busy');
        },
      },
      {
        calls: ['shutdown', 'forceOff'],
        notes: [NOTE],
        time: 5000,
        questions: 2,
      },
    ],
    [
      'whose button had to wait for another VM has all its time from then on',
      {
        state: (time) => (time < 9000 ? 'running' : 'shut off'),
        events: [9000],
        shutdown: async () => {
          clock.now += 5000;
        },
      },
      { calls: ['shutdown'], notes: [], time: 9000, questions: 2 },
    ],
    [
      'that is transient is content when it vanishes',
      { state: (time) => (time < 600 ? 'running' : 'gone'), events: [600] },
      { calls: ['shutdown'], notes: [], time: 600, questions: 2 },
    ],
    [
      'that vanished before the button was pressed is content',
      { state: () => (clock.now++ === 0 ? 'running' : 'gone'), shutdown: fails('shutdown', 'not-found') },
      { calls: ['shutdown'], notes: [], time: 2, questions: 2 },
    ],
    [
      'that is gone from the start does nothing',
      { state: () => 'gone' },
      { calls: [], notes: [], time: 0, questions: 1 },
    ],
    [
      'that vanishes when the plug is pulled is content',
      { state: () => 'paused', forceOff: fails('forceOff', 'not-found') },
      { calls: ['forceOff'], notes: [], time: 0, questions: 1 },
    ],
    [
      'that stopped by itself when the plug is pulled is content',
      {
        state: () => (clock.now++ === 0 ? 'paused' : 'shut off'),
        forceOff: fails('forceOff', 'not-running'),
      },
      { calls: ['forceOff'], notes: [], time: 2, questions: 2 },
    ],
  ])('%s', async (_, guest, outcome) => {
    expect(await stop(guest)).toStrictEqual(outcome);
  });

  it.each<[string, Guest]>([
    [
      'its state cannot be read',
      {
        state: () => {
          throw failure('state', 'other');
        },
      },
    ],
    ['the plug does not come out', { state: () => 'paused', forceOff: fails('forceOff', 'busy') }],
    ['it runs on', { state: () => 'running', forceOff: fails('forceOff', 'not-running') }],
  ])('fails with an operation error where %s', async (_, guest) => {
    const error: unknown = await stop(guest).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PlowError);
    expect(error).toMatchObject({ kind: 'operation', message: "cannot stop VM 'my-vm'" });
  });

  it('pulls the plug at once where the button does not work', async () => {
    const guest: Guest = { state: () => 'running', shutdown: fails('shutdown', 'other') };
    expect(await stop(guest)).toStrictEqual({
      calls: ['shutdown', 'forceOff'],
      notes: ['note: the guest cannot be asked to shut down: forced off'],
      time: 0,
      questions: 2,
    });
  });

  it.each([
    [
      'for as long as it is told to',
      90_000,
      'note: the guest did not shut down within 90 seconds: forced off',
    ],
    ['for a second', 1000, 'note: the guest did not shut down within 1 second: forced off'],
  ])('waits %s', async (_, graceMs, note) => {
    expect(await stop({ state: () => 'running' }, { graceMs })).toMatchObject({
      time: graceMs,
      notes: [note],
    });
  });

  it('presses the button again every 10 seconds, which a guest that boots may not have heard', async () => {
    let presses = 0;
    const guest: Guest = {
      state: (time) => (time < 21_000 ? 'running' : 'shut off'),
      events: [21_000],
      shutdown: async () => void (presses += 1),
    };
    expect(await stop(guest, { graceMs: 90_000 })).toMatchObject({ time: 21_000, notes: [] });
    expect(presses).toBe(3);
  });

  it('presses the button again where libvirt was busy with another job of the VM', async () => {
    let presses = 0;
    const guest: Guest = {
      state: (time) => (time < 42_000 ? 'running' : 'shut off'),
      events: [42_000],
      shutdown: async () => {
        presses += 1;
        if (presses === 1) clock.now += 30_000;
        if (presses === 1) throw failure('shutdown', 'busy');
      },
    };
    expect(await stop(guest, { graceMs: 90_000 })).toMatchObject({ time: 42_000, notes: [] });
    expect(presses).toBe(2);
  });

  it('is interrupted at once while a QEMU that hangs keeps the button', async () => {
    const controller = new AbortController();
    clock.alarms.push({ at: 1234, ring: () => controller.abort(new Interrupted('SIGINT')) });
    const guest: Guest = { state: () => 'running', shutdown: () => new Promise(() => {}) };
    await expect(stop(guest, { signal: controller.signal })).rejects.toThrow(
      /still runs, but its power button/u,
    );
    expect(clock.now).toBe(1234);
  });

  it('goes on waiting where the button cannot be pressed again', async () => {
    let presses = 0;
    const guest: Guest = {
      state: (time) => (time < 15_000 ? 'running' : 'shut off'),
      events: [15_000],
      shutdown: async () => {
        presses += 1;
        if (presses > 1) throw failure('shutdown', 'not-running');
      },
    };
    expect(await stop(guest, { graceMs: 90_000 })).toMatchObject({ time: 15_000, notes: [] });
  });

  it('presses no button at the end, be it that its timer rings a little early', async () => {
    const now = vi.spyOn(performance, 'now');
    now.mockImplementation(() => (clock.now >= 8000 ? 7999.5 : clock.now));
    expect(await stop({ state: () => 'running' }, { graceMs: 8000 })).toMatchObject({
      calls: ['shutdown', 'forceOff'],
    });
  });

  it('presses no button where there is no time for an answer', async () => {
    expect(await stop({ state: () => 'running' }, { graceMs: 0 })).toStrictEqual({
      calls: ['forceOff'],
      notes: [],
      time: 0,
      questions: 1,
    });
  });

  it('fails at once when the connection breaks', async () => {
    await expect(stop({ state: () => 'running', breaks: 1500 })).rejects.toMatchObject({
      kind: 'connection',
    });
    expect(clock.now).toBe(1500);
  });

  it('ends the wait at once when plow is interrupted, and leaves the guest to itself', async () => {
    const controller = new AbortController();
    const forceOff = vi.fn<() => Promise<void>>();
    const guest: Guest = { state: () => 'running', forceOff };
    clock.alarms.push({ at: 1234, ring: () => controller.abort(new Interrupted('SIGINT')) });
    await expect(stop(guest, { signal: controller.signal })).rejects.toThrow(
      /^interrupted by SIGINT: VM 'my-vm' still runs, but its power button was pressed/u,
    );
    expect(clock.now).toBe(1234);
    expect(forceOff).not.toHaveBeenCalled();
  });

  it.each([
    ['before the button is pressed', 0, 'is as it was', 5000],
    ['before the plug is pulled that is pulled at once', 0, 'is as it was', 0],
    ['at the last look before the plug', 1, 'still runs, but its power button was pressed', 5000],
  ])('touches nothing more once it is interrupted: %s', async (_, look, words, graceMs) => {
    const controller = new AbortController();
    const touched: string[] = [];
    let looks = 0;
    const guest: Guest = {
      state: () => {
        if (looks === look) controller.abort(new Interrupted('SIGINT'));
        looks += 1;
        return 'running';
      },
      shutdown: async () => void touched.push('shutdown'),
      forceOff: async () => void touched.push('forceOff'),
    };
    await expect(stop(guest, { signal: controller.signal, graceMs })).rejects.toThrow(words);
    expect(touched).toStrictEqual(look === 0 ? [] : ['shutdown']);
  });
});
