import { expect, it } from 'vitest';
import { isOlder } from '../../../../src/vm/wait/older-boot.ts';

const NOW = new Date('2026-01-02T03:04:05Z');
const AGO = (seconds: number): number => NOW.getTime() / 1000 - seconds;
const BEGINNING = {
  upSeconds: 0,
  isDone: false,
  writtenAt: undefined,
  started: undefined,
  cpuSeconds: 100,
  bytesRead: undefined,
};
const MINUTE_AGO = '2026-01-02T03:03:05Z';

it.each([
  [{ upSeconds: 40, started: '2026-01-02T03:04:00Z' }, true],
  [{ upSeconds: 40, started: '2026-01-02T03:03:00Z' }, false],
  [{ upSeconds: 6, started: '2026-01-02T03:04:00Z' }, false],
  [{ upSeconds: 40, cpuSeconds: 1 }, true],
  [{ upSeconds: 40, cpuSeconds: 3 }, false],
  [{ upSeconds: 5, cpuSeconds: 1 }, false],
  // The boot before was short, and the one under way is silent.
  [{ upSeconds: 20, isDone: true, started: MINUTE_AGO, writtenAt: AGO(3600) }, true],
  [{ upSeconds: 20, isDone: true, started: MINUTE_AGO, writtenAt: AGO(59) }, true],
  [{ upSeconds: 20, isDone: true, started: MINUTE_AGO, writtenAt: AGO(40) }, false],
  [{ upSeconds: 20, started: MINUTE_AGO, writtenAt: AGO(59) }, false],
  [{ upSeconds: 20, isDone: true, bytesRead: 2_000_000 }, true],
  [{ upSeconds: 20, isDone: true, bytesRead: 200_000_000 }, false],
  [{ upSeconds: 20, bytesRead: 2_000_000 }, false],
])('%j is of a boot before: %s', (changes, older) => {
  expect(isOlder({ ...BEGINNING, ...changes }, NOW)).toBe(older);
});
