import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Interrupted } from '../../../src/errors/interrupted.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';
import type { Domain, DomainState } from '../../../src/vm/hypervisor.ts';
import { stopDomain } from '../../../src/vm/stop.ts';
import { testContext } from './context.ts';
import { failure } from './fake-hypervisor.ts';

// The wait polls with a promise of node:timers, which fake timers do not reach.
const clock = vi.hoisted(() => ({ now: 0 }));
vi.mock('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => {
    clock.now += milliseconds;
  },
}));

beforeEach(() => {
  clock.now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const NOTE = 'note: the guest did not shut down within 5 seconds: forced off';

interface Guest {
  /** State at a time in milliseconds; `gone`: libvirt no longer knows the domain. */
  readonly state: (time: number) => DomainState | 'gone';
  readonly shutdown?: () => Promise<void>;
  readonly forceOff?: () => Promise<void>;
}

async function unasked(): Promise<never> {
  throw new Error('nobody asked for this');
}

async function stop(guest: Guest, signal = new AbortController().signal): Promise<object> {
  const calls: string[] = [];
  let forced = false;
  const domain: Domain = {
    name: 'my-vm',
    uuid: 'uuid',
    isPersistent: unasked,
    xml: unasked,
    status: unasked,
    diskSizes: unasked,
    traffic: unasked,
    seenAddresses: unasked,
    start: unasked,
    autostart: unasked,
    setAutostart: unasked,
    snapshotCount: unasked,
    setMetadata: unasked,
    undefine: unasked,
    state: async () => {
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
  const context = testContext({ signal });
  await stopDomain(domain, context);
  return { calls, notes: context.progress.lines, time: clock.now };
}

const fails = (call: string, reason: Parameters<typeof failure>[1]) => async (): Promise<void> => {
  throw failure(call, reason);
};

describe('stopping a domain', () => {
  it.each<[string, Guest, { calls: string[]; notes: string[]; time: number }]>([
    ['that is off does nothing', { state: () => 'shut off' }, { calls: [], notes: [], time: 0 }],
    [
      'presses the power button and waits for the guest',
      { state: (time) => (time < 3000 ? 'running' : 'shut off') },
      { calls: ['shutdown'], notes: [], time: 3000 },
    ],
    [
      'that shuts down already waits for it',
      { state: (time) => (time < 400 ? 'in shutdown' : 'shut off') },
      { calls: ['shutdown'], notes: [], time: 400 },
    ],
    [
      'that ignores the power button pulls the plug after 5 seconds and says so',
      { state: () => 'running' },
      { calls: ['shutdown', 'forceOff'], notes: [NOTE], time: 5000 },
    ],
    [
      'that is paused pulls the plug at once',
      { state: () => 'paused' },
      { calls: ['forceOff'], notes: [], time: 0 },
    ],
    [
      'that crashed pulls the plug at once',
      { state: () => 'crashed' },
      { calls: ['forceOff'], notes: [], time: 0 },
    ],
    [
      'that sleeps pulls the plug at once',
      { state: () => 'pmsuspended' },
      { calls: ['forceOff'], notes: [], time: 0 },
    ],
    [
      'that stopped by itself before the button was pressed is content',
      {
        state: () => (clock.now++ === 0 ? 'running' : 'shut off'),
        shutdown: fails('shutdown', 'not-running'),
      },
      { calls: ['shutdown'], notes: [], time: 2 },
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
      { calls: ['shutdown', 'forceOff'], notes: [NOTE], time: 5000 },
    ],
    [
      'that is transient is content when it vanishes',
      { state: (time) => (time < 600 ? 'running' : 'gone') },
      { calls: ['shutdown'], notes: [], time: 600 },
    ],
    [
      'that vanished before the button was pressed is content',
      { state: () => (clock.now++ === 0 ? 'running' : 'gone'), shutdown: fails('shutdown', 'not-found') },
      { calls: ['shutdown'], notes: [], time: 2 },
    ],
    ['that is gone from the start does nothing', { state: () => 'gone' }, { calls: [], notes: [], time: 0 }],
    [
      'that vanishes when the plug is pulled is content',
      { state: () => 'paused', forceOff: fails('forceOff', 'not-found') },
      { calls: ['forceOff'], notes: [], time: 0 },
    ],
    [
      'that stopped by itself when the plug is pulled is content',
      {
        state: () => (clock.now++ === 0 ? 'paused' : 'shut off'),
        forceOff: fails('forceOff', 'not-running'),
      },
      { calls: ['forceOff'], notes: [], time: 2 },
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
    });
  });

  it('ends the wait when plow is interrupted, and leaves the guest to itself', async () => {
    const controller = new AbortController();
    const forceOff = vi.fn<() => Promise<void>>();
    const guest: Guest = {
      state: (time) => {
        if (time >= 1000) controller.abort(new Interrupted('SIGINT'));
        return 'running';
      },
      forceOff,
    };
    await expect(stop(guest, controller.signal)).rejects.toThrow(
      /^interrupted by SIGINT: VM 'my-vm' still runs, but its power button was pressed/u,
    );
    expect(clock.now).toBeLessThan(1500);
    expect(forceOff).not.toHaveBeenCalled();
  });
});
