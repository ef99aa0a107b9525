import { stripVTControlCharacters } from 'node:util';
import { printable } from '../../text/printable.ts';

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
const STAMP = /^\[ *(?<seconds>\d+\.\d{3,})\] /u;
/** A kernel's first line. */
const KERNEL = /^(?:\[ *0\.0{3,}\] )?Linux version \d/u;
/** What comes before a kernel: UEFI, SeaBIOS and iPXE on a serial port, GRUB. */
const BEFORE_KERNEL =
  /^(?:BdsDxe: |UEFI Interactive Shell|SeaBIOS \(version |iPXE (?:\(|\d)|Booting from |Welcome to GRUB!)/u;
/** Linux sets its clock: `rtc_cmos 00:03: setting system clock to 2026-01-02T03:04:05 UTC (1767323045)`. */
const CLOCK = /setting system clock to .* \((?<epoch>\d{9,11})\)/u;
/** `Cloud-init v. 22.4.2 running 'init' at Fri, 02 Jan 2026 03:04:05 +0000. Up 12.34 seconds.` */
const CLOUD_INIT = /Cloud-init v\. .* at (?<date>[A-Z][a-z]{2}, .* \+0000)\. Up (?<up>\d+\.\d+) seconds/u;

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

/**
 * The lines of a log, told apart by boots. libvirt writes no marks into it, so that a boot begins where a
 * firmware, a boot loader or a kernel says its first words: a guest that says none has one boot for ever.
 * @param before of a part that others went before
 */
export function logLines(
  text: string,
  before = LOG_START,
): { readonly lines: readonly LogLine[]; readonly state: LogState } {
  const bare = splitLines(text).map((line) => stripVTControlCharacters(line));
  const { boots, hasKernel } = numberBoots(bare, before);
  const starts = bootStarts(bare, boots, before);
  let [boot, time] = [before.boot, before.time];
  const lines = bare.map((line, index) => {
    const own = boots[index] ?? boot;
    const started = starts.get(own);
    if (own !== boot) [boot, time] = [own, undefined];
    const seconds = stampOf(line);
    // A line without a stamp is as old as the one before it, and the first of a boot as old as its kernel.
    if (started !== undefined)
      time = seconds === undefined ? (time ?? new Date(started)) : new Date(started + seconds * 1000);
    return { boot, time, text: line.split('\t').map(printable).join('\t') };
  });
  return { lines, state: { boot, hasKernel, started: starts.get(boot), time } };
}

/** Guests end lines with `\r\n`, some with more of the first; an empty rest after the last is no line. */
function splitLines(text: string): readonly string[] {
  const lines = text.split(/\r*\n/u);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.replaceAll(/^\r+|\r+$/gu, ''));
}

function numberBoots(
  lines: readonly string[],
  before: LogState,
): { readonly boots: readonly number[]; readonly hasKernel: boolean } {
  let { boot, hasKernel } = before;
  const boots = lines.map((line) => {
    const isKernel = KERNEL.test(line);
    if (hasKernel && (isKernel || BEFORE_KERNEL.test(line))) [boot, hasKernel] = [boot + 1, false];
    hasKernel ||= isKernel;
    return boot;
  });
  return { boots, hasKernel };
}

/** When the kernel of each boot started, as far as it tells. */
function bootStarts(
  lines: readonly string[],
  boots: readonly number[],
  { boot, started }: LogState,
): ReadonlyMap<number, number> {
  const starts = new Map(started === undefined ? [] : [[boot, started]]);
  for (const [index, line] of lines.entries()) {
    const start = startTold(line);
    const own = boots[index] ?? boot;
    if (start !== undefined && !starts.has(own)) starts.set(own, start);
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
