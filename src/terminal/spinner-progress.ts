import { Chalk } from 'chalk';
import ora from 'ora';
import type { Progress } from '../vm/progress.ts';
import type { Output } from './output.ts';
import { transferText } from './plain-progress.ts';
import { printable } from '../text/printable.ts';

/** Progress for a person at a terminal: the step under way spins, the steps done stay as lines. */
export class SpinnerProgress implements Progress {
  readonly #output: Output;
  readonly #chalk: InstanceType<typeof Chalk>;
  readonly #spinner: ReturnType<typeof ora>;

  constructor(output: Output) {
    this.#output = output;
    this.#chalk = new Chalk({ level: output.color ? 1 : 0 });
    this.#spinner = ora({
      stream: output.stream,
      color: output.color ? 'cyan' : false,
      // Ctrl-C must reach the process as a signal.
      discardStdin: false,
    });
  }

  title(text: string): void {
    this.#output.print(printable(text));
  }

  begin(text: string, rows: readonly string[] = []): void {
    this.#spinner.start([text, ...rows.map((row) => `  ${row}`)].map(printable).join('\n'));
  }

  transfer(...transferred: Parameters<Progress['transfer']>): void {
    this.#spinner.text = transferText(...transferred);
  }

  done(text: string): void {
    this.#spinner.stopAndPersist({ symbol: this.#chalk.green('✓'), text: printable(text) });
  }

  success(text: string): void {
    this.#spinner.stop();
    this.#output.print(this.#chalk.bold(printable(text)));
  }

  note(text: string): void {
    const current = this.#spinner.isSpinning ? this.#spinner.text : undefined;
    this.#spinner.stop();
    this.#output.say(`${this.#chalk.yellow('note:')} ${printable(text)}`);
    if (current !== undefined) this.#spinner.start(current);
  }

  stop(): void {
    this.#spinner.stop();
  }
}
