import { Writable } from 'node:stream';
import type { Environment } from '../../environment.ts';

/** SGR, of ECMA-48: colours and the like. */
const COLOURS = /\p{Cc}\[[0-9;]*m/gu;
const SHOW_CURSOR = '\u001B[?25h';
/** Of a terminal that does not know. */
const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;

/** What questions are drawn on: standard output, with colours only where they are wanted. */
export class Screen extends Writable {
  readonly isTTY = true;
  readonly #environment: Environment;

  constructor(environment: Environment) {
    super({ decodeStrings: false });
    this.#environment = environment;
  }

  get columns(): number {
    return this.#environment.columns || USUAL_COLUMNS;
  }

  get rows(): number {
    return this.#environment.rows || USUAL_ROWS;
  }

  override _write(chunk: unknown, _encoding: unknown, done: () => void): void {
    const { color, stream } = this.#environment.output;
    const text = String(chunk);
    stream.write(color ? text : text.replaceAll(COLOURS, ''));
    done();
  }
}

/**
 * Runs work that draws questions, and gives the terminal back as it was, in whatever way plow ends.
 */
export async function onScreen<T>(
  environment: Environment,
  work: (screen: Screen) => Promise<T>,
): Promise<T> {
  const screen = new Screen(environment);
  const { input, output } = environment;
  const giveBack = (): void => {
    if (input.isRaw) input.setRawMode(false);
    output.stream.write(SHOW_CURSOR);
  };
  const goOn = (): void => {
    input.setRawMode(true);
    screen.emit('resize');
  };
  const letGo = environment.holdTerminal(giveBack, goOn);
  try {
    return await work(screen);
  } finally {
    letGo();
    giveBack();
    input.pause();
  }
}
