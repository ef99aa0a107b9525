import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HypervisorError } from '../../../../../src/errors/hypervisor-error.ts';
import type { HypervisorErrorReason } from '../../../../../src/errors/hypervisor-error.ts';
import { Distance } from '../../../../../src/libvirt/connection/line/distance.ts';
import { Lifeline } from '../../../../../src/libvirt/connection/line/lifeline.ts';

const URI = 'qemu:///system';
const CALL = 'virDomainGetXMLDesc';

function failure(reason: HypervisorErrorReason): HypervisorError {
  return new HypervisorError('words', { reason, call: 'virCall', code: 1, domain: 7 });
}

/** A line of which the test says what libvirt knows. */
function line(): { isAlive: boolean; error: HypervisorError; lifeline: Lifeline } {
  const state = { isAlive: true, error: failure('other') };
  const lifeline = new Lifeline({
    uri: URI,
    isAlive: () => state.isAlive,
    lastError: () => state.error,
    distance: new Distance(0, () => {}),
  });
  return Object.assign(state, { lifeline });
}

async function lateFailure(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  throw new Error('late');
}

const never = (): Promise<never> => new Promise(() => {});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a line', () => {
  it('that is seen to be dead tells all that waits, in the words of the call that failed, and begins nothing', async () => {
    const state = line();
    const waiting = [
      state.lifeline.hold(CALL, never()),
      state.lifeline.hold(CALL, never()),
      state.lifeline.broken,
    ];
    const told = Promise.all(waiting.map((one) => one.catch((error: unknown) => error)));
    state.isAlive = false;
    state.lifeline.look();
    state.lifeline.look();
    state.error = failure('disconnected');
    await vi.advanceTimersByTimeAsync(100);
    expect(await told).toStrictEqual([state.error, state.error, state.error]);
    expect(() => state.lifeline.check()).toThrow(state.error);
    await expect(state.lifeline.hold(CALL, never())).rejects.toBe(state.error);
  });

  it('that is dead without a word names where it led to', async () => {
    const state = line();
    state.isAlive = false;
    state.lifeline.look();
    await vi.advanceTimersByTimeAsync(100);
    await expect(state.lifeline.broken).rejects.toMatchObject({ reason: 'disconnected', uri: URI });
  });

  it('that lives is not broken by a look, by other errors, or by a daemon behind it that is gone', async () => {
    const state = line();
    state.lifeline.look();
    state.lifeline.errorOf('virDomainGetState');
    state.error = failure('disconnected');
    expect(() => state.lifeline.checkAfter('virDomainGetState')).toThrow(state.error);
    await vi.advanceTimersByTimeAsync(1000);
    expect(state.lifeline.isBroken).toBe(false);
    expect(await state.lifeline.hold(CALL, Promise.resolve(1))).toBe(1);
  });

  it('breaks with the first call that says so once it is dead, and keeps that error', async () => {
    const state = line();
    const held = state.lifeline.hold(CALL, never());
    state.isAlive = false;
    state.error = failure('disconnected');
    const first = state.lifeline.errorOf('virDomainGetState');
    state.lifeline.giveUp('virDomainGetXMLDesc', 60_000);
    await expect(held).rejects.toBe(first);
    expect(() => state.lifeline.check()).toThrow(first);
  });

  it.each([
    ['virDomainGetState', URI],
    ['virDomainGetXMLDesc', undefined],
  ] as const)('whose server leaves %s without an answer counts as broken: at %s', async (call, uri) => {
    const { lifeline } = line();
    const held = lifeline.hold(CALL, never());
    expect(lifeline.giveUp(call, 9000)).toMatchObject({ reason: 'disconnected', uri });
    await expect(held).rejects.toMatchObject({ call });
  });

  it('has an error of work that goes on after the break seen by nobody', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    const { lifeline } = line();
    const held = lifeline.hold(CALL, lateFailure());
    lifeline.break(failure('disconnected'));
    await expect(held).rejects.toMatchObject({ reason: 'disconnected' });
    await vi.advanceTimersByTimeAsync(1000);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
