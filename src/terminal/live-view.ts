import type { Output } from './output.ts';
import { truncated } from './text-width.ts';

/** Control sequences of ECMA-48, and DECTCEM of the VT220. */
const CSI = '\u001B[';
const HIDE_CURSOR = `${CSI}?25l`;
const SHOW_CURSOR = `${CSI}?25h`;
const ERASE_REST_OF_LINE = `${CSI}K`;
const ERASE_BELOW = `${CSI}J`;

export interface Screen {
  readonly columns: number | undefined;
  readonly rows: number | undefined;
}

/**
 * Lines that are drawn again in their place. Each is overwritten and not erased first, so that nothing flickers; the last
 * row stays free for the cursor. In a pipe they are printed whenever they have changed, with an empty line before.
 */
export class LiveView {
  readonly #output: Output;
  readonly #screen: Screen;
  #drawn: readonly string[] | undefined;

  constructor(output: Output, screen: Screen) {
    this.#output = output;
    this.#screen = screen;
  }

  show(texts: readonly string[]): void {
    const lines = texts.flatMap((text) => text.split('\n'));
    if (this.#output.interactive) return this.#draw(this.#fitted(lines));
    if (lines.join('\n') === this.#drawn?.join('\n')) return;
    if (this.#drawn !== undefined) this.#output.print('');
    for (const line of lines) this.#output.print(line);
    this.#drawn = lines;
  }

  /** Leaves what was drawn last, and the cursor below it. */
  stop(): void {
    if (this.#output.interactive && this.#drawn !== undefined) this.#output.stream.write(SHOW_CURSOR);
  }

  #draw(lines: readonly string[]): void {
    const up = this.#drawn === undefined || this.#drawn.length === 0 ? '' : `${CSI}${this.#drawn.length}A`;
    const text = lines.map((line) => `${line}${ERASE_REST_OF_LINE}\n`).join('');
    this.#output.stream.write(`${HIDE_CURSOR}\r${up}${text}${ERASE_BELOW}`);
    this.#drawn = lines;
  }

  /** A line that wraps would be two. A terminal that does not know its size says 0. */
  #fitted(lines: readonly string[]): readonly string[] {
    const { rows = 0, columns = 0 } = this.#screen;
    const room = rows > 2 ? rows - 1 : lines.length;
    const shown =
      lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more`];
    // Lines with colours in them have the right width already.
    return shown.map((line) => (columns > 0 && !line.includes(CSI) ? truncated(line, columns) : line));
  }
}
