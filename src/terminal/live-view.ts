import { stripVTControlCharacters } from 'node:util';
import type { Output } from './output.ts';
import { chunks, textWidth } from '../text/width.ts';

/** Control sequences of ECMA-48, DECTCEM of the VT220 and xterm's alternate screen. */
const CSI = '\u001B[';
const ENTER_SCREEN = `${CSI}?1049h${CSI}?25l`;
const LEAVE_SCREEN = `${CSI}?1049l${CSI}?25h`;
const HOME = `${CSI}H`;
const ERASE_REST_OF_LINE = `${CSI}K`;
const ERASE_BELOW = `${CSI}J`;

export interface Screen {
  readonly columns: number | undefined;
  readonly rows: number | undefined;
}

export interface Frame {
  readonly lines: readonly string[];
  /** Why there is nothing in them. */
  readonly note: string | undefined;
}

/**
 * Lines that are drawn again in their place, on the terminal's other screen: whatever a terminal does to
 * lines when it is resized, the first row is where it was. Each is overwritten and not erased first, so that
 * nothing flickers. Where there is nothing to draw on they are printed whenever they have changed, with an
 * empty line before.
 */
export class LiveView {
  readonly #output: Output;
  readonly #screen: Screen;
  readonly #isLive: boolean;
  #shown: readonly string[] | undefined;
  #isOnScreen = false;

  constructor(output: Output, screen: Screen, isLive: boolean) {
    this.#output = output;
    this.#screen = screen;
    this.#isLive = isLive;
  }

  show({ lines: texts, note }: Frame): void {
    const lines = texts.flatMap((text) => text.split('\n'));
    if (this.#isLive) return this.#draw(this.#fitted(note === undefined ? lines : [...lines, note]));
    if (lines.join('\n') === this.#shown?.join('\n')) return;
    if (this.#shown !== undefined) this.#output.print('');
    for (const line of lines) this.#output.print(line);
    if (note !== undefined) this.#output.say(note);
    this.#shown = lines;
  }

  /** Gives the terminal back as it was, with what was drawn last on it. */
  stop(): void {
    if (!this.#isOnScreen) return;
    this.#isOnScreen = false;
    const last = (this.#shown ?? []).map((line) => `${line}\n`).join('');
    this.#output.stream.write(`${LEAVE_SCREEN}${last}`);
  }

  /** In one piece, so that a terminal draws it at once. */
  #draw(lines: readonly string[]): void {
    const enter = this.#isOnScreen ? '' : ENTER_SCREEN;
    const text = lines.map((line) => this.#withRestErased(line)).join('\r\n');
    const below = lines.length === this.#screen.rows ? '' : `\r\n${ERASE_BELOW}`;
    this.#output.stream.write(`${enter}${HOME}${text}${below}`);
    this.#isOnScreen = true;
    this.#shown = lines;
  }

  /** Behind a line that fills the row the cursor stands on its last character, which would be erased. */
  #withRestErased(line: string): string {
    const isFull = textWidth(stripVTControlCharacters(line)) === this.#screen.columns;
    return isFull ? line : `${line}${ERASE_REST_OF_LINE}`;
  }

  /**
   * A line that is too long takes several rows, which the terminal must not make of it. One that does not
   * know its size says 0.
   */
  #fitted(lines: readonly string[]): readonly string[] {
    const { rows = 0, columns = 0 } = this.#screen;
    // Lines with colours in them have the right width already.
    const wrapped = lines.flatMap((line) =>
      columns > 0 && !line.includes(CSI) ? chunks(line, columns) : [line],
    );
    const room = rows > 1 ? rows : wrapped.length;
    return wrapped.length <= room
      ? wrapped
      : [...wrapped.slice(0, room - 1), `… ${wrapped.length - room + 1} more`];
  }
}
