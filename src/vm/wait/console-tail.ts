import { PlowError } from '../../errors/plow-error.ts';
import { truncated } from '../../text/width.ts';
import type { VmContext } from '../context.ts';
import { NOTHING, textOf, wholeLines } from '../console-log/bytes.ts';
import { bootLines, lineText, LOG_START } from '../console-log/lines.ts';
import type { LogPlace } from '../console-log/place.ts';
import { readLog, readOn } from '../console-log/read.ts';
import type { LogPosition } from '../console-log/read.ts';
import { MIB } from '../../text/units.ts';
import { NO_FACTS, withLine } from './console-facts.ts';
import type { ConsoleFacts } from './console-facts.ts';
import { withoutPasswords } from './console-secrets.ts';
import { inTurn } from './turns.ts';

/** A boot says less; a guest may say more, to keep plow busy. */
const MOST_BYTES = MIB;
/** Lines that are shown with a verdict. */
const TAIL_LINES = 12;
const SHOWN_COLUMNS = 200;
/** Of a line that has not ended. */
const LONGEST_BEGUN = 4096;

/** The console of the boot under way, read on with each look. */
export class ConsoleTail {
  readonly #place: LogPlace;
  /** When the log was written last, before the first look, in seconds since 1970. */
  writtenAt: number | undefined;
  #position: LogPosition | undefined;
  #state: { readonly boot: number; readonly hasKernel: boolean } = LOG_START;
  #boot = 0;
  #rest: Uint8Array = NOTHING;
  #facts: ConsoleFacts = NO_FACTS;
  #hasPasswords = false;
  #tail: string[] = [];

  constructor(place: LogPlace) {
    this.#place = place;
  }

  /** With a line that has not ended, as a prompt. */
  get facts(): ConsoleFacts {
    return withLine(this.#facts, this.#begun());
  }

  /** The last lines with something in them. */
  get lines(): readonly string[] {
    return [...this.#tail, this.#begun()]
      .filter((text) => text.trim() !== '')
      .slice(-TAIL_LINES)
      .map((text) => truncated(text, SHOWN_COLUMNS));
  }

  /** @throws PlowError (storage, connection) */
  async read(context: VmContext): Promise<void> {
    const bytes = await inTurn(context.hypervisor, () => this.#readBytes(context));
    const { whole, rest } = wholeLines(Buffer.concat([this.#rest, bytes]));
    for (const { boot, hasKernel, bare } of bootLines(textOf(whole), this.#state)) {
      if (boot !== this.#boot) this.forget();
      this.#boot = boot;
      this.#state = { boot, hasKernel };
      if (bare !== '') this.#take(bare);
    }
    this.#rest = rest;
  }

  /** What was read is of a boot before. */
  forget(): void {
    this.#facts = NO_FACTS;
    this.#tail = [];
    this.#rest = NOTHING;
    this.#hasPasswords = false;
  }

  async #readBytes(context: VmContext): Promise<Uint8Array> {
    if (this.#position === undefined) {
      const { bytes, position, writtenAt } = await readLog(this.#place, context, MOST_BYTES);
      this.#position = position;
      this.writtenAt = writtenAt;
      return bytes;
    }
    const { bytes, position } = await readOn(this.#position, this.#place, context, MOST_BYTES);
    // More was written than is read at once: the next look goes on with the end.
    this.#position = bytes.length < MOST_BYTES ? position : undefined;
    return bytes;
  }

  #take(bare: string): void {
    const { text, isTold } = withoutPasswords(bare, this.#hasPasswords);
    this.#hasPasswords = isTold;
    const shown = lineText(text);
    this.#facts = withLine(this.#facts, shown);
    this.#tail.push(shown);
    if (this.#tail.length > 2 * TAIL_LINES) this.#tail.splice(0, TAIL_LINES);
  }

  #begun(): string {
    const [line] = bootLines(textOf(this.#rest.subarray(0, LONGEST_BEGUN)), this.#state);
    return lineText(withoutPasswords(line?.bare ?? '', this.#hasPasswords).text);
  }
}

/**
 * The console of a VM; undefined where nobody keeps it, or it cannot be read.
 * @throws PlowError (connection)
 */
export async function tailOf(
  finding: Promise<LogPlace>,
  context: VmContext,
): Promise<ConsoleTail | undefined> {
  try {
    const tail = new ConsoleTail(await finding);
    await tail.read(context);
    return tail;
  } catch (error) {
    if (!(error instanceof PlowError) || error.kind === 'connection') throw error;
    return undefined;
  }
}
