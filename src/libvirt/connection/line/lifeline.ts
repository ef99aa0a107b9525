import type { HypervisorError } from '../../../errors/hypervisor-error.ts';
import type { FunctionName } from '../../abi/functions.ts';
import { withDeadline } from './deadline.ts';
import type { Distance } from './distance.ts';
import { deadlineOf, lateAnswer, lineBroke } from './timeouts.ts';

/** Once a line is seen to be broken, libvirt has a call that was in flight say why. */
const WORDS_MS = 100;

/** What libvirt knows of a line to a server. */
export interface Line {
  /** Without a password. */
  readonly uri: string;
  /** Local. */
  readonly isAlive: () => boolean;
  /** Of the last call. */
  readonly lastError: (name: FunctionName) => HypervisorError;
  readonly distance: Distance;
}

/**
 * What waits on the line to a server: all of it is told at once when the line breaks. libvirt fails only one
 * of the calls in flight when keepalive gives a server up; the others wait for ever (virnetclient.c of 9.0
 * and 11.3).
 */
export class Lifeline {
  /** Rejected with the error when the line breaks. */
  readonly broken: Promise<never>;
  readonly #line: Line;
  #error: HypervisorError | undefined;
  #tell: (error: HypervisorError) => void = () => {};
  /** Not reactions of `broken`, which would keep each of them for as long as the line holds. */
  readonly #waiting = new Set<(error: HypervisorError) => void>();
  #wordsAwaited: NodeJS.Timeout | undefined;

  constructor(line: Line) {
    this.#line = line;
    this.broken = new Promise<never>((_resolve, reject) => (this.#tell = reject));
    // Nobody need wait for it.
    this.broken.catch(() => undefined);
  }

  get isBroken(): boolean {
    return this.#error !== undefined;
  }

  /** @throws HypervisorError that the line broke with */
  check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /**
   * Waits for `work` as long as the line holds; after that it goes on unseen.
   * @param name of the call that is waited for @throws HypervisorError
   */
  async hold<T>(name: FunctionName, work: Promise<T>): Promise<T> {
    work.catch(() => undefined);
    this.check();
    const answered = this.#line.distance.measure(name);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      const ended = (): void => {
        this.#waiting.delete(reject);
        answered();
      };
      work.then(resolve, reject).finally(ended).catch(ended);
    });
  }

  /** The first error counts. */
  break(error: HypervisorError): void {
    if (this.isBroken) return;
    this.#error = error;
    this.#tell(error);
    for (const tell of this.#waiting) tell(error);
  }

  /** How long a server that lives may take for a call. */
  deadlineOf(name: FunctionName): number {
    return deadlineOf(name, this.#line.distance.silenceMs);
  }

  /** Waits for the answer to a call no longer than that. @throws HypervisorError */
  inTime<T>(name: FunctionName, answer: Promise<T>): Promise<T> {
    const milliseconds = this.deadlineOf(name);
    return withDeadline(answer, milliseconds, () => this.giveUp(name, milliseconds));
  }

  /** Of a call whose deadline is over: the server hangs, and so would any other call. */
  giveUp(name: FunctionName, milliseconds: number): HypervisorError {
    const error = lateAnswer(name, milliseconds, this.#line.uri);
    this.break(error);
    return error;
  }

  /** Breaks one that is not alive any more. */
  look(): void {
    if (this.#line.isAlive() || this.#wordsAwaited !== undefined) return;
    this.#wordsAwaited = setTimeout(() => {
      const error = this.#line.lastError('virConnectIsAlive');
      this.break(error.reason === 'disconnected' ? error : lineBroke(this.#line.uri));
    }, WORDS_MS);
  }

  /** Nothing looks any more. */
  end(): void {
    clearTimeout(this.#wordsAwaited);
    this.#line.distance.end();
  }

  /** The error of a call that failed, which may be that the line broke. */
  errorOf(name: FunctionName): HypervisorError {
    const error = this.#line.lastError(name);
    // A daemon behind this one may be gone, while the line to this one holds.
    if (error.reason === 'disconnected' && !this.#line.isAlive()) this.break(error);
    return error;
  }

  /**
   * Whose error it is cannot be told of calls that overlap, but on a broken line all that follow fail alike.
   */
  checkAfter(name: FunctionName): void {
    const error = this.errorOf(name);
    if (error.reason === 'disconnected') throw error;
  }
}
