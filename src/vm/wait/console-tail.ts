import { PlowError } from '../../errors/plow-error.ts';
import { truncated } from '../../text/width.ts';
import type { VmContext } from '../context.ts';
import { NOTHING, textOf, wholeLines } from '../console-log/bytes.ts';
import { LOG_START, logLines } from '../console-log/lines.ts';
import type { LogLine, LogState } from '../console-log/lines.ts';
import type { LogPlace } from '../console-log/place.ts';
import { readLog, readOn } from '../console-log/read.ts';
import type { LogPosition } from '../console-log/read.ts';
import { NO_FACTS, withLine } from './console-facts.ts';
import type { ConsoleFacts } from './console-facts.ts';

/** Lines that are shown with a verdict. */
const TAIL_LINES = 12;
const SHOWN_COLUMNS = 200;

/** The console of the boot under way, read on with each look. */
export class ConsoleTail {
  readonly #place: LogPlace;
  #position: LogPosition | undefined;
  #state: LogState = LOG_START;
  #boot = 0;
  #rest: Uint8Array = NOTHING;
  #facts: ConsoleFacts = NO_FACTS;
  #tail: readonly string[] = [];

  constructor(place: LogPlace) {
    this.#place = place;
  }

  /** With a line that has not ended, as a prompt. */
  get facts(): ConsoleFacts {
    return this.#begun().reduce(({ facts }, { text }) => ({ facts: withLine(facts, text) }), {
      facts: this.#facts,
    }).facts;
  }

  /** The last lines with something in them. */
  get lines(): readonly string[] {
    const begun = this.#begun().map(({ text }) => text);
    return [...this.#tail, ...begun]
      .filter((text) => text.trim() !== '')
      .slice(-TAIL_LINES)
      .map((text) => truncated(text, SHOWN_COLUMNS));
  }

  /** @throws PlowError (storage, connection) */
  async read(context: VmContext): Promise<void> {
    const { bytes, position } =
      this.#position === undefined
        ? await readLog(this.#place, context)
        : await readOn(this.#position, this.#place, context);
    this.#position = position;
    const { whole, rest } = wholeLines(Buffer.concat([this.#rest, bytes]));
    this.#rest = rest;
    const { lines, state } = logLines(textOf(whole), this.#state);
    this.#state = state;
    for (const { boot, text } of lines) {
      if (boot !== this.#boot) this.forget();
      this.#boot = boot;
      this.#facts = withLine(this.#facts, text);
    }
    const own = lines.filter(({ boot }) => boot === this.#boot).map(({ text }) => text);
    this.#tail = [...this.#tail, ...own].slice(-2 * TAIL_LINES);
  }

  /** What was read is of a boot before. */
  forget(): void {
    this.#facts = NO_FACTS;
    this.#tail = [];
    this.#rest = NOTHING;
  }

  #begun(): readonly LogLine[] {
    return logLines(textOf(this.#rest), this.#state).lines;
  }
}

/**
 * The console of a VM; undefined, and why, where nobody keeps it.
 * @throws PlowError (connection)
 */
export async function tailOf(
  finding: Promise<LogPlace>,
  context: VmContext,
): Promise<{ readonly tail: ConsoleTail | undefined; readonly why: string | undefined }> {
  try {
    const tail = new ConsoleTail(await finding);
    await tail.read(context);
    return { tail, why: undefined };
  } catch (error) {
    if (!(error instanceof PlowError) || error.kind === 'connection') throw error;
    return { tail: undefined, why: error.message };
  }
}
