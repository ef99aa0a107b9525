import { confirm, select, settings, text } from '@clack/prompts';
import { Interrupted } from '../../../errors/interrupted.ts';
import { printable } from '../../../text/printable.ts';
import type { Environment } from '../../environment.ts';
import type { Choice, Question } from './questions.ts';
import type { Screen } from './screen.ts';

/** In place of a choice: it is typed. */
const OTHER = '\u0000other';
const MOST_SHOWN = 10;

/** Asks a person at a terminal, one question after the other. */
export class Asker {
  readonly #common: {
    readonly input: NodeJS.ReadStream;
    readonly output: Screen;
    readonly signal: AbortSignal;
  };

  constructor(screen: Screen, environment: Environment) {
    const { signal } = environment.interruptible(undefined);
    this.#common = { input: environment.input, output: screen, signal };
    // An arrow key that a slow line brings in two pieces would begin with it.
    settings.aliases.delete('escape');
  }

  /**
   * @param judge what is wrong with an answer, undefined: nothing
   * @throws Interrupted
   */
  async ask(question: Question, judge: (answer: string) => string | undefined): Promise<string> {
    const { choices = [], usual, message } = question;
    if (choices.length > 0) {
      const chosen = await this.choose(message, [...choices, typed(message)], usual);
      if (chosen !== OTHER && judge(chosen) === undefined) return chosen;
    }
    return this.type(message, choices.length > 0 ? undefined : usual, judge);
  }

  /** @throws Interrupted */
  async choose(message: string, choices: readonly Choice[], usual: string | undefined): Promise<string> {
    const options = choices.map(({ value, label, hint }) => ({
      value,
      label: printable(label),
      ...(hint === undefined ? {} : { hint: printable(hint) }),
    }));
    const asking = select({
      message: printable(message),
      options,
      initialValue: usual ?? options[0]?.value ?? '',
      maxItems: MOST_SHOWN,
      showInstructions: false,
      ...this.#common,
    });
    const answer = await this.#orEnd(asking);
    return typeof answer === 'string' ? answer : this.#left();
  }

  /** @throws Interrupted */
  async type(
    message: string,
    usual: string | undefined,
    judge: (answer: string) => string | undefined,
  ): Promise<string> {
    const isOptional = usual === '';
    const enter = usual === undefined ? '' : isOptional ? ' (Enter: none)' : ` (Enter: ${usual})`;
    const asking = text({
      message: printable(`${message}${enter}`),
      ...(usual === undefined ? {} : { defaultValue: usual }),
      validate: (typedText = '') => {
        const word = typedText.trim() === '' ? usual : typedText.trim();
        if (word === undefined) return 'this has to be said';
        const mistake = word === '' ? undefined : judge(word);
        return mistake === undefined ? undefined : printable(mistake);
      },
      ...this.#common,
    });
    const answer = await this.#orEnd(asking);
    if (typeof answer !== 'string') return this.#left();
    return answer.trim() || (usual ?? '');
  }

  /** @throws Interrupted */
  async confirm(message: string): Promise<boolean> {
    const answer = await this.#orEnd(confirm({ message: printable(message), ...this.#common }));
    return typeof answer === 'boolean' ? answer : this.#left();
  }

  /** Input ends by Ctrl-D, or with its terminal: the library would wait for ever. @throws Interrupted */
  async #orEnd<T>(asking: Promise<T>): Promise<T> {
    const end = new Promise<undefined>((resolve) => {
      // It is paused after an answer too, which is there by then.
      this.#common.input.once('pause', () => void setImmediate(resolve, undefined));
    });
    return (await Promise.race([asking, end])) ?? this.#left();
  }

  /** Ctrl-C is a key in a terminal that gives each byte at once. @throws Interrupted */
  #left(): never {
    const { reason }: { readonly reason: unknown } = this.#common.signal;
    throw (reason instanceof Interrupted ? reason : new Interrupted('SIGINT')).with('nothing was written');
  }
}

function typed(message: string): Choice {
  return { value: OTHER, label: 'another', hint: `type it: ${message.toLowerCase()}` };
}
