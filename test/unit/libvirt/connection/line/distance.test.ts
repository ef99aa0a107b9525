import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Distance, KEEPALIVE } from '../../../../../src/libvirt/connection/line/distance.ts';
import type { Keepalive } from '../../../../../src/libvirt/connection/line/distance.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server whose calls take so long each, one after the other. */
async function keepalives(openMs: number, ...calls: readonly number[]): Promise<readonly Keepalive[]> {
  const set: Keepalive[] = [];
  const distance = new Distance(openMs, (keepalive) => void set.push(keepalive));
  for (const milliseconds of calls) {
    const answered = distance.measure('virDomainGetState');
    await vi.advanceTimersByTimeAsync(milliseconds);
    answered();
  }
  await vi.advanceTimersByTimeAsync(60_000);
  return set;
}

describe('the distance of a server', () => {
  it.each([
    ['that is opened at once is near', 0, [], KEEPALIVE.near],
    ['whose open is too quick for a far one is near, however long a call takes', 500, [3000], KEEPALIVE.near],
    ['over a slow ssh is near once a call says so', 3000, [101, 20], KEEPALIVE.near],
    ['whose calls take long, one by one, is far', 3000, [200, 200, 200, 200, 200, 1], KEEPALIVE.far],
    ['that is opened slowly, and asked nothing, is far', 501, [], KEEPALIVE.far],
  ] as const)('%s', async (_what, openMs, calls, keepalive) => {
    expect(await keepalives(openMs, ...calls)).toStrictEqual([keepalive]);
  });

  it('tells how long it may be silent: while it is not known, as long as a far one', () => {
    expect(new Distance(0, () => {}).silenceMs).toBe(8000);
    expect(new Distance(501, () => {}).silenceMs).toBe(30_000);
  });

  it('is not told by calls that do not travel', async () => {
    const set = vi.fn<(keepalive: Keepalive) => void>();
    const distance = new Distance(501, set);
    distance.measure('virStreamNew')();
    await vi.advanceTimersByTimeAsync(1000);
    expect(set.mock.calls).toStrictEqual([[KEEPALIVE.far]]);
  });

  it('is not asked for any more when the line is closed', async () => {
    const set = vi.fn<(keepalive: Keepalive) => void>();
    const distance = new Distance(501, set);
    distance.end();
    distance.measure('virDomainGetState')();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(set).not.toHaveBeenCalled();
  });
});
