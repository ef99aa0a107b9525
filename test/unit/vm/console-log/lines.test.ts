import { describe, expect, it } from 'vitest';
import { bootCount, chosenLines, logLines } from '../../../../src/vm/console-log/lines.ts';

/** 2026-01-02T03:04:05Z */
const EPOCH = 1_767_323_045;
const FIRST = [
  '\u001B[2J\u001B[1;1HBdsDxe: loading Boot0001 "UEFI Misc Device"',
  'BdsDxe: starting Boot0001 "UEFI Misc Device"',
  'Welcome to GRUB!',
  '[    0.000000] Linux version 6.1.0-18-cloud-amd64 (debian-kernel@lists.debian.org)',
  `[    1.500000] rtc_cmos 00:03: setting system clock to 2026-01-02T03:04:05 UTC (${EPOCH})`,
  '[\u001B[0;32m  OK  \u001B[0m] Started \u001B[0;1;39mcron.service\u001B[0m.',
  '[   61.500000] cloud-init[512]: hello',
];
const SECOND = [
  '[    0.000000] Linux version 6.1.0-18-cloud-amd64 (debian-kernel@lists.debian.org)',
  "[    9.000000] cloud-init[300]: Cloud-init v. 22.4.2 running 'init' at Fri, 02 Jan 2026 04:00:00 +0000. Up 8.00 seconds.",
];

function read(...lines: readonly string[]): ReturnType<typeof logLines>['lines'] {
  return logLines(lines.join('\r\n')).lines;
}

function times(lines: ReturnType<typeof read>): readonly (string | undefined)[] {
  return lines.map(({ time }) => time?.toISOString().slice(11, 19));
}

describe('a console log', () => {
  it('has its boots told apart: firmware, boot loader and kernel are of one', () => {
    const lines = read(...FIRST, ...SECOND, ...FIRST);
    expect(lines.map(({ boot }) => boot).join('')).toBe('1111111223333333');
    expect(bootCount(lines)).toBe(3);
  });

  it('has times as far as the guest tells its clock', () => {
    expect(times(read(...FIRST))).toStrictEqual([
      '03:04:03',
      '03:04:03',
      '03:04:03',
      '03:04:03',
      '03:04:05',
      '03:04:05',
      '03:05:05',
    ]);
    expect(times(read(...SECOND))).toStrictEqual(['03:59:52', '04:00:01']);
    expect(times(read('tiny guest'))).toStrictEqual([undefined]);
  });

  it('is safe in a terminal', () => {
    const [first, started] = [read(...FIRST)[0], read(...FIRST)[5]];
    expect(first?.text).toBe('BdsDxe: loading Boot0001 "UEFI Misc Device"');
    expect(started?.text).toBe('[  OK  ] Started cron.service.');
    expect(read('a\tb\u0007\u009B1m\u202E', '::error::no').map(({ text }) => text)).toStrictEqual([
      'a\tb\u{FFFD}\u{FFFD}',
      ':\u{FFFD}error::no',
    ]);
  });

  it('goes on where a part of it ended', () => {
    const all = [...FIRST, ...SECOND];
    const whole = read(...all);
    // A clock that is told later dates no line that was printed before.
    for (let at = 5; at <= FIRST.length; at += 1) {
      const before = logLines(`${all.slice(0, at).join('\n')}\n`);
      const after = logLines(all.slice(at).join('\n'), before.state);
      expect([...before.lines, ...after.lines]).toStrictEqual(whole);
    }
  });

  it.each([
    ['Cloud-init v.  at Mon, '],
    ['\u001B;?'],
    [`\u001B${';?'.repeat(500)}`],
    ['\u001B]0;'],
    ['\u001B['],
    ['\r'],
    ['\rx'],
    ['setting system clock to  ('],
    ['[    0.000000] '],
    ['::a '],
  ])('keeps nobody waiting, whatever a guest repeats: %j', (piece) => {
    const text = piece.repeat(300_000 / piece.length);
    const started = performance.now();
    for (const whole of [text, `\u001B${text}`, `[    1.000000] ${text}x`]) logLines(`${whole}\n${whole}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it.each([
    [{ boot: 0 }, SECOND.length],
    [{ boot: -1 }, FIRST.length],
    [{ boot: 1 }, FIRST.length],
    [{ boot: 3 }, 0],
    [{ last: 3 }, 3],
    [{ last: 0 }, 0],
    [{ since: new Date('2026-01-02T03:05:00Z') }, 1 + SECOND.length],
    [{ boot: 1, since: new Date('2026-01-02T03:05:00Z') }, 1],
  ])('gives %o', (wanted, count) => {
    const lines = read(...FIRST, ...SECOND);
    const none = { boot: undefined, since: undefined, last: undefined };
    expect(chosenLines(lines, { ...none, ...wanted })).toHaveLength(count);
  });
});
