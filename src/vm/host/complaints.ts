import type { LoadedMachine } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { FileMistake } from '../../errors/plow-error.ts';
import type { Report } from './inspection.ts';

/** What a hypervisor has against the file of a VM, all at once. */
export class Complaints {
  readonly #loaded: Pick<LoadedMachine, 'locate' | 'mistake'>;
  readonly #lines: string[] = [];
  readonly #mistakes: FileMistake[] = [];

  constructor(loaded: Pick<LoadedMachine, 'locate' | 'mistake'>) {
    this.#loaded = loaded;
  }

  /** Of a key. */
  readonly report: Report = (path, message) => {
    this.#lines.push(`${this.#loaded.locate(path)}: ${message}`);
    this.#mistakes.push(this.#loaded.mistake(path, message));
  };

  /** Of no key. */
  say(line: string): void {
    this.#lines.push(line);
  }

  get areNone(): boolean {
    return this.#lines.length === 0;
  }

  /**
   * @param others lines that are about no key: storage is to blame where there are no more
   * @returns undefined where there is nothing
   */
  error(others: readonly string[] = []): PlowError | undefined {
    if (this.areNone && others.length === 0) return undefined;
    return new PlowError(this.areNone ? 'storage' : 'validation', [...this.#lines, ...others].join('\n'), {
      mistakes: [...this.#mistakes, ...others.map((message) => ({ message }))],
    });
  }
}
