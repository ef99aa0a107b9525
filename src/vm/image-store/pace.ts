import { bytesText } from '../../text/quantities.ts';
import type { Progress } from '../progress.ts';

/** How far an upload, or what else is long, has come, and how fast. */
export class Pace {
  readonly #progress: Progress;
  readonly #name: string;
  readonly #totalBytes: number;
  readonly #doing: string | undefined;
  #begun: number | undefined;
  /** Without what is all zeros, or was there. */
  #sentBytes = 0;

  /** @param doing as Progress.transfer */
  constructor(progress: Progress, name: string, totalBytes: number, doing?: string) {
    this.#doing = doing;
    this.#progress = progress;
    this.#name = name;
    this.#totalBytes = totalBytes;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** @param position up to where all of it is there @param bytes that were sent just now */
  moved(position: number, bytes: number): void {
    this.#begun ??= performance.now();
    this.#sentBytes += bytes;
    const seconds = (performance.now() - this.#begun) / 1000;
    const rate = seconds < 1 ? '' : ` (${bytesText(this.#sentBytes / seconds)}/s)`;
    this.#progress.transfer(`${this.#name}${rate}`, position, this.#totalBytes, this.#doing);
  }
}
