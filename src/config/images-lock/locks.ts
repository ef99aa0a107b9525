import { isOwnDescriptor } from '../files/links.ts';
import { unreadableLock } from './check.ts';
import type { CheckedLock } from './check.ts';
import { lockBeside, readFoundLock, readNamedLock } from './read.ts';

/** The locks of the VM files of a run, each of which is read once. */
export class ImageLocks {
  readonly #named: string | undefined;
  readonly #read = new Map<string, Promise<CheckedLock | undefined>>();

  /** @param named in place of those beside VM files */
  constructor(named: string | undefined) {
    this.#named = named;
  }

  /**
   * The lock that counts for a VM file: the one that was named, else the one beside it, never one further up.
   * @param vmFile as it was named; `-` and what comes through a pipe have none beside them
   */
  async of(vmFile: string): Promise<CheckedLock | undefined> {
    const named = this.#named;
    if (named !== undefined) return this.#once(named, () => namedLock(named));
    if (vmFile === '-' || isOwnDescriptor(vmFile)) return undefined;
    const file = lockBeside(vmFile);
    return this.#once(file, async () => (await readFoundLock(file, vmFile))?.lock);
  }

  #once(file: string, read: () => Promise<CheckedLock | undefined>): Promise<CheckedLock | undefined> {
    const reading = this.#read.get(file) ?? read();
    this.#read.set(file, reading);
    return reading;
  }
}

async function namedLock(file: string): Promise<CheckedLock> {
  return (await readNamedLock(file))?.lock ?? unreadableLock(file, 'cannot be read: no such file');
}
