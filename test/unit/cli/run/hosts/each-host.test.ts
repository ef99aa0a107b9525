import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { onEachHost } from '../../../../../src/cli/run/hosts/each-host.ts';
import type { Settings } from '../../../../../src/cli/settings/settings.ts';

vi.mock('node:timers/promises', () => import('../../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** All but the last four hang until their deadline. */
function work({ host = '' }: Settings): Promise<string> {
  if (Number(host.slice(2)) >= 36) return Promise.resolve(host);
  return new Promise((resolve) => {
    setTimeout(resolve, 10_000, host);
  });
}

it('asks others in the place of hosts that take long, however many these are', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `hv${index}`);
  const all = names.map((host) => ({ host, uri: `qemu+ssh://${host}/system` }) as unknown as Settings);
  const heard: (readonly [string, number])[] = [];
  const begun = Date.now();
  const asking = onEachHost(all, work, ({ name }) => heard.push([name, Date.now() - begun]));
  await vi.advanceTimersByTimeAsync(20_000);
  expect((await asking).map(({ result }) => result)).toEqual(names);
  expect(heard.slice(0, 4)).toEqual([36, 37, 38, 39].map((host) => [`hv${host}`, 4000]));
  expect(heard.at(-1)?.[1]).toBe(14_000);
});
