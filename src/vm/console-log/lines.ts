import { printable } from '../../text/printable.ts';
import { bareLines } from './bare-lines.ts';

/** A line of a console log. */
export interface LogLine {
  /** Which boot wrote it, counted from 1, the first that is kept. */
  readonly boot: number;
  /** When it was written, as far as the guest told its clock; undefined in a boot that never did. */
  readonly time: Date | undefined;
  /** Without line end and colours; what a terminal would act on is replaced. */
  readonly text: string;
}

/** Seconds since the kernel started, which it puts before its lines, and cloud-init too. */
const STAMP = /^\[ {0,20}(?<seconds>\d{1,9}\.\d{3,9})\] /u;
/** A kernel's first line. */
export const KERNEL = /^(?:\[ *0\.0{3,}\] )?Linux version \d/u;
/** What comes before a kernel: UEFI, SeaBIOS and iPXE on a serial port, GRUB. */
const BEFORE_KERNEL =
  /^(?:BdsDxe: |UEFI Interactive Shell|SeaBIOS \(version |iPXE (?:\(|\d)|Booting from |Welcome to GRUB!)/u;
/** Linux sets its clock: `rtc_cmos 00:03: setting system clock to 2026-01-02T03:04:05 UTC (1767323045)`. */
const CLOCK = /setting system clock to .{0,80} \((?<epoch>\d{9,11})\)/u;
/** `Cloud-init v. 22.4.2 running 'init' at Fri, 02 Jan 2026 03:04:05 +0000. Up 12.34 seconds.` */
const CLOUD_INIT =
  /Cloud-init v\. .{0,80} at (?<date>[A-Z][a-z]{2}, .{0,40} \+0000)\. Up (?<up>\d{1,9}\.\d{1,9}) seconds/u;
/** More of a line is not looked at: no guest may keep plow busy with one. */
const LOOKED_AT = 400;

/** How things stand after a line. */
export interface LogState {
  readonly boot: number;
  /** Whether this boot has come to its kernel. */
  readonly hasKernel: boolean;
  /** When that started, in milliseconds since 1970. */
  readonly started: number | undefined;
  readonly time: Date | undefined;
}

export const LOG_START: LogState = { boot: 1, hasKernel: false, started: undefined, time: undefined };

/** A line as it was written, but for line end and escapes. */
interface BootLine {
  readonly boot: number;
  readonly hasKernel: boolean;
  readonly bare: string;
}

/**
 * The lines of a log one by one, told apart by boots. libvirt writes no marks into it, so that a boot begins
 * where a firmware, a boot loader or a kernel says its first words: a guest that says none has one boot for
 * ever. @param before of a part that others went before
 */
export function* bootLines(
  text: string,
  before: Pick<LogState, 'boot' | 'hasKernel'> = LOG_START,
): Generator<BootLine> {
  let { boot, hasKernel } = before;
  for (const bare of bareLines(text)) {
    const isKernel = KERNEL.test(bare);
    if (hasKernel && (isKernel || BEFORE_KERNEL.test(bare))) [boot, hasKernel] = [boot + 1, false];
    hasKernel ||= isKernel;
    yield { boot, hasKernel, bare };
  }
}

/** A bare line, safe for a terminal. */
export function lineText(bare: string): string {
  return bare === '' ? bare : bare.split('\t').map(printable).join('\t');
}

/** All lines of a log, with their times. @param before of a part that others went before */
export function logLines(
  text: string,
  before = LOG_START,
): { readonly lines: readonly LogLine[]; readonly state: LogState } {
  const starts = bootStarts(text, before);
  let { boot, hasKernel, time } = before;
  const lines: LogLine[] = [];
  for (const line of bootLines(text, before)) {
    const started = starts.get(line.boot);
    if (line.boot !== boot) time = undefined;
    ({ boot, hasKernel } = line);
    const seconds = stampOf(line.bare);
    // A line without a stamp is as old as the one before it, and the first of a boot as old as its kernel.
    if (started !== undefined)
      time = seconds === undefined ? (time ?? new Date(started)) : new Date(started + seconds * 1000);
    lines.push({ boot, time, text: lineText(line.bare) });
  }
  return { lines, state: { boot, hasKernel, started: starts.get(boot), time } };
}

/** When the kernel of each boot started, as far as it tells. */
function bootStarts(text: string, before: LogState): ReadonlyMap<number, number> {
  const starts = new Map(before.started === undefined ? [] : [[before.boot, before.started]]);
  for (const { boot, bare } of bootLines(text, before)) {
    if (starts.has(boot)) continue;
    const start = startTold(bare.slice(0, LOOKED_AT));
    if (start !== undefined) starts.set(boot, start);
  }
  return starts;
}

function startTold(line: string): number | undefined {
  const epoch = CLOCK.exec(line)?.groups?.['epoch'];
  const seconds = stampOf(line);
  if (epoch !== undefined && seconds !== undefined) return (Number(epoch) - seconds) * 1000;
  const { date = '', up = '' } = CLOUD_INIT.exec(line)?.groups ?? {};
  const start = Date.parse(date) - Number(up) * 1000;
  return Number.isNaN(start) ? undefined : start;
}

function stampOf(line: string): number | undefined {
  const seconds = STAMP.exec(line)?.groups?.['seconds'];
  return seconds === undefined ? undefined : Number(seconds);
}

/** Which lines of a log are wanted. */
export interface LinesWanted {
  /** 1 for the first that is kept and so on; 0 for the last, -1 for the one before it. */
  readonly boot: number | undefined;
  /** Lines of a boot whose times are not known count as later. */
  readonly since: Date | undefined;
  /** The last of them. */
  readonly last: number | undefined;
}

export function chosenLines(lines: readonly LogLine[], wanted: LinesWanted): readonly LogLine[] {
  const { since, last } = wanted;
  const boot = wanted.boot === undefined ? undefined : chosenBoot(lines, wanted.boot);
  const chosen = lines.filter(
    (line) =>
      (boot === undefined || line.boot === boot) &&
      (since === undefined || line.time === undefined || line.time >= since),
  );
  return last === undefined ? chosen : chosen.slice(Math.max(0, chosen.length - last));
}

/** How many boots there are in the log. */
export function bootCount(lines: readonly LogLine[]): number {
  return lines.at(-1)?.boot ?? 0;
}

/** The number of a boot as it is asked for; one that there is not is nobody's. */
export function chosenBoot(lines: readonly LogLine[], wanted: number): number {
  return wanted > 0 ? wanted : bootCount(lines) + wanted;
}
