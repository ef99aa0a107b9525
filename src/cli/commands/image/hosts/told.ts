import { jsonDocument } from '../../../../documents/json-text.ts';
import { Interrupted } from '../../../../errors/interrupted.ts';
import { gravestOf, PlowError } from '../../../../errors/plow-error.ts';
import { printable } from '../../../../text/printable.ts';
import { failureLines } from '../../../../views/failure/text.ts';
import { imageDocument } from '../../../../views/image/document.ts';
import type { ToldImage } from '../../../../views/image/document.ts';
import type { Environment } from '../../../environment.ts';
import type { BatchFormat } from '../../../run/batch/batch.ts';

/** How it is told. */
export interface Telling {
  readonly action: 'pull' | 'copy';
  readonly format: BatchFormat;
  readonly verbose: boolean;
  /** Takes what is drawn off the terminal. */
  readonly pause: () => void;
}

interface Failure {
  readonly host: string;
  readonly error: PlowError;
  /** It is about the host, and not about what was to come to it. */
  readonly isOwn: boolean;
}

/** What comes of images on several hypervisors: told as it comes, and summed up at the end. */
export class ToldHosts {
  readonly #telling: Telling;
  readonly #output: Environment['output'];
  readonly #failures: Failure[] = [];

  constructor(telling: Telling, { output }: Pick<Environment, 'output'>) {
    this.#telling = telling;
    this.#output = output;
  }

  /** A line for programs. */
  document(told: Omit<ToldImage, 'action'>): void {
    const { action, format, pause } = this.#telling;
    pause();
    if (format === 'json') this.#output.print(jsonDocument(imageDocument({ action, ...told }), 'line'));
  }

  lines(host: string, lines: readonly string[]): void {
    const { format, pause } = this.#telling;
    pause();
    if (format === 'text') for (const line of lines) this.#output.print(printable(`${host}: ${line}`));
  }

  /** A host that could not be asked. @param names of images that it was to have */
  lost(host: string, error: PlowError, names: readonly string[]): void {
    const status = error.kind === 'connection' ? 'unreachable' : 'failed';
    for (const name of names) this.document({ host, name, status, error });
    this.#failures.push({ host, error, isOwn: true });
    this.#say(error, host);
  }

  /** What went wrong on a host alone. */
  failed(host: string, name: string, error: PlowError): void {
    this.document({ host, name, status: 'failed', error });
    this.#failures.push({ host, error, isOwn: true });
    this.#say(error, host);
  }

  /** What went wrong with an image, whatever host it was to go to. */
  failedOnAll(hosts: readonly string[], name: string, error: PlowError): void {
    for (const host of hosts) {
      this.document({ host, name, status: 'failed', error });
      this.#failures.push({ host, error, isOwn: false });
    }
    this.#say(error, undefined);
  }

  interrupted(host: string, { outcome }: Interrupted): void {
    this.#telling.pause();
    if (outcome !== undefined) this.#output.say(printable(`${host}: ${outcome}`));
  }

  /** Whether a host can still be worked with. */
  isThere(host: string): boolean {
    return !this.#failures.some((one) => one.host === host && isAway(one));
  }

  /** @param hosts all of them @throws PlowError where something went wrong: as grave as the worst */
  end(hosts: readonly string[]): void {
    const worst = gravestOf(this.#failures, ({ error }) => error);
    if (worst === undefined) return;
    const away = hosts.filter((host) => !this.isThere(host));
    const failed = hosts.filter(
      (host) => !away.includes(host) && this.#failures.some((one) => one.host === host),
    );
    const words = [
      ['could not be connected to', away],
      ['failed', failed],
    ] as const;
    const told = words.flatMap(([what, names]) =>
      names.length === 0 ? [] : [`${names.length} ${what}: ${names.join(', ')}`],
    );
    const all = `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`;
    throw new PlowError(worst.error.kind, `of ${all} ${told.join('; ')}`);
  }

  #say(error: PlowError, host: string | undefined): void {
    const { format, verbose, pause } = this.#telling;
    pause();
    if (format === 'json') return;
    for (const line of failureLines(error, verbose, host)) this.#output.say(line);
  }
}

function isAway({ error, isOwn }: Failure): boolean {
  return isOwn && error.kind === 'connection';
}
