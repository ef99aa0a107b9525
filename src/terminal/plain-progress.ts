import type { Progress } from '../vm/progress.ts';
import type { Output } from './output.ts';
import { printable } from '../text/printable.ts';

const TRANSFER_LINE_EVERY_MS = 2000;

/** Progress as plain lines, for pipes and logs: one line per step that is done. */
export class PlainProgress implements Progress {
  readonly #output: Output;
  readonly #now: () => number;
  readonly #isTimed: boolean;
  #lastTransferLine: number;
  #begun: number;

  /** @param isTimed says how long each step took */
  constructor(output: Output, now: () => number, isTimed = false) {
    this.#output = output;
    this.#now = now;
    this.#isTimed = isTimed;
    this.#lastTransferLine = now();
    this.#begun = now();
  }

  title(text: string): void {
    this.#output.print(printable(text));
  }

  begin(): void {
    this.#lastTransferLine = this.#now();
    this.#begun = this.#now();
  }

  /** Only transfers that take time get lines. */
  transfer(...transferred: Parameters<Progress['transfer']>): void {
    if (this.#now() - this.#lastTransferLine < TRANSFER_LINE_EVERY_MS) return;
    this.#lastTransferLine = this.#now();
    this.#output.say(transferText(...transferred));
  }

  done(text: string, tookMs = this.#now() - this.#begun): void {
    const took = this.#isTimed ? ` (${(tookMs / 1000).toFixed(2)} s)` : '';
    this.#begun = this.#now();
    this.#output.print(`✓ ${printable(text)}${took}`);
  }

  success(text: string): void {
    this.#output.print(printable(text));
  }

  note(text: string): void {
    this.#output.say(`note: ${printable(text)}`);
  }
}

/** For instance `uploading cloudinit.iso: 40% of 1.5 MiB`. */
export function transferText(
  what: string,
  sentBytes: number,
  totalBytes: number,
  doing = 'uploading',
): string {
  const percent = totalBytes === 0 ? 100 : Math.floor((100 * sentBytes) / totalBytes);
  return `${doing} ${what}: ${percent}% of ${(totalBytes / 2 ** 20).toFixed(1)} MiB`;
}
