import { expect, it } from 'vitest';
import { durationMs } from '../../../../src/cli/options/duration.ts';

it.each([
  ['0', 0],
  ['5', 5000],
  ['90s', 90_000],
  ['1.5m', 90_000],
  ['250ms', 250],
  ['24h', 86_400_000],
])('%s is %d ms', (text, milliseconds) => {
  expect(durationMs(text)).toBe(milliseconds);
});

it.each(['', 's', '-1', '5 s', '1d', '1e3', '0x10', '25h', 'Infinity', '9'.repeat(400)])(
  '%j is no time',
  (text) => {
    expect(() => durationMs(text)).toThrow('expected a time');
  },
);
