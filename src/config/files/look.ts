import { closeSync, constants, fstatSync, openSync, readlinkSync, statfsSync } from 'node:fs';

import type { FileAccess } from './foreign-file.ts';

/** Of open(2), which node has no name for: a descriptor to look at a file with, without opening it. */
const O_PATH = 0o10000000;

/**
 * File systems whose files are the kernel's own words, and may act or be used up when they are read.
 * statfs(2), linux/magic.h
 */
const KERNELS_OWN: ReadonlySet<number> = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0x62656570, // configfs
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x6165676c, // pstore
  0xde5e81e4, // efivarfs
  0xcafe4a11, // bpf
]);

/** A reason, in words, why a file is not read. */
export class Unreadable extends Error {}

/**
 * A file that is looked at and not opened yet: to open a device may start what it drives. What is opened then
 * is what was looked at, whatever takes its place meanwhile.
 */
export class FileLook {
  readonly #descriptor: number;
  /** Where it is, links followed; of a pipe without a name, a word of the kernel's. */
  readonly realPath: string;
  readonly isPipe: boolean;
  readonly access: FileAccess;

  /** @throws Unreadable for what is no file or pipe, and the system's errors */
  constructor(file: string) {
    this.#descriptor = openSync(file, O_PATH);
    try {
      const stat = fstatSync(this.#descriptor);
      if (stat.isDirectory()) {
        throw new Unreadable('it is a directory, not a file');
      }
      if (!stat.isFile() && !stat.isFIFO()) throw new Unreadable('it is not a regular file');
      this.isPipe = stat.isFIFO();
      this.access = { owner: stat.uid, mode: stat.mode };
      this.realPath = this.#throughProc((path) => readlinkSync(path));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** A descriptor to read from, which does not wait for those who write to a pipe, and takes no terminal. */
  open(): number {
    if (KERNELS_OWN.has(this.#throughProc((path) => statfsSync(path).type))) {
      throw new Unreadable('it is not a regular file, but one that the kernel makes');
    }
    const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
    return this.#throughProc((path) => openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #throughProc<T>(act: (path: string) => T): T {
    try {
      return act(`/proc/self/fd/${this.#descriptor}`);
    } catch (error) {
      // The file itself is there: it must not pass for one that is missing.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        throw new Unreadable('/proc is not there, which plow opens files through', { cause: error });
      }
      throw error;
    }
  }
}
