import { MIB } from '../../text/units.ts';

/** Clocks are read to the second. */
const CLOCK_SECONDS = 2;
/** A guest that has been up for so long has used more than so much of its CPUs. */
const LONG_SECONDS = 10;
const SHORT_CPU_SECONDS = 2;
/** A guest reads more of its disks until cloud-init is finished: Python alone, in which that is written. */
const LEAST_READ_BYTES = 8 * MIB;

/** What is known as a wait begins. */
export interface Beginning {
  /** As the console tells of the last boot that is in it. */
  readonly upSeconds: number;
  /** cloud-init said its last word there. */
  readonly isDone: boolean;
  /** When the log of the console was written last, in seconds since 1970; undefined where nobody tells. */
  readonly writtenAt: number | undefined;
  /** When the QEMU was, in ISO 8601; undefined of another machine's. */
  readonly started: string | undefined;
  /** Of the QEMU. */
  readonly cpuSeconds: number;
  /** By the QEMU, of its disks; undefined where that is not known. */
  readonly bytesRead: number | undefined;
}

/**
 * Whether what the console told is of a boot before the one under way, which has not spoken yet: the log was
 * not written since the QEMU is there, or its guest was up for longer than that. Of another machine's QEMU
 * the times are not known: there it has worked too little to have come so far.
 */
export function isOlder(beginning: Beginning, now: Date): boolean {
  const { upSeconds, isDone, writtenAt, started, cpuSeconds, bytesRead } = beginning;
  if (started === undefined) {
    if (isDone && bytesRead !== undefined && bytesRead < LEAST_READ_BYTES) return true;
    return upSeconds > LONG_SECONDS && cpuSeconds < SHORT_CPU_SECONDS;
  }
  const start = Date.parse(started) / 1000;
  // No guest is done that soon, but the one before may have ended that late.
  if (writtenAt !== undefined && writtenAt < start + (isDone ? CLOCK_SECONDS : 0)) return true;
  return upSeconds > now.getTime() / 1000 - start + CLOCK_SECONDS;
}
