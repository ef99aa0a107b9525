import type { ResultDocument } from '../../../documents/result-schema.ts';
import { gravestOf, PlowError } from '../../../errors/plow-error.ts';
import { failureEntry } from '../../../views/failure/document.ts';
import { failureLines } from '../../../views/failure/text.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import type { VmContext } from '../../../vm/context.ts';
import type { Environment } from '../../environment.ts';
import { DONE, isOfSnapshot } from './actions.ts';
import type { Action } from './actions.ts';
import {
  countedWords,
  doingWords,
  failureWords,
  interruptedLines,
  labelOf,
  named,
  rowsUnderWay,
} from './batch-words.ts';
import type { Entry, LostHost } from './batch-words.ts';
import { atHost, Heard, SILENCE } from './heard.ts';
import { Room } from './room.ts';
import { someAtOnce } from './some-at-once.ts';
import { outcomeAfter, outcomeOf } from './task.ts';
import type { Outcome, Task } from './task.ts';

/** `text`: lines for people; `json`: a line for each VM; `quiet`: errors only. */
export type BatchFormat = 'text' | 'json' | 'quiet';

export interface BatchOptions {
  readonly action: Action;
  readonly format: BatchFormat;
  /** How many VMs are worked on at the same time, on each host. */
  readonly atOnce: number;
  /** On all hosts, where there are several. */
  readonly overall?: number;
  readonly verbose: boolean;
  /** Takes what is drawn off the terminal. */
  readonly pause: () => void;
}

/** A VM that is counted. */
export type Expected = Entry;

/** Rows of what is under way: enough to see that it moves. */
const MOST_ROWS = 8;

/**
 * Does the same to several VMs over one connection, and tells of each as it ends. One that fails keeps none
 * of the others; after an interruption, or when the connection breaks, none is begun any more.
 * @throws Interrupted; PlowError: that of a VM that is alone, else one that names all that failed, of the
 * kind with the highest exit code
 */
export async function runBatch(
  tasks: readonly Task[],
  options: BatchOptions,
  context: VmContext,
  environment: Environment,
): Promise<void> {
  const batch = new Batch(options, context, environment);
  await batch.run(tasks, context);
  batch.end();
}

/** The same done to several VMs, on one host or on several. */
export class Batch {
  readonly #options: BatchOptions;
  readonly #about: Pick<VmContext, 'signal' | 'progress'>;
  readonly #environment: Environment;
  readonly #entries: Entry[] = [];
  readonly #lost: LostHost[] = [];
  readonly #room: Room;
  /** Names of VMs are told with that of their host. */
  readonly #isOfHosts: boolean;

  constructor(
    options: BatchOptions,
    about: Pick<VmContext, 'signal' | 'progress'>,
    environment: Environment,
    isOfHosts = false,
  ) {
    this.#options = options;
    this.#about = about;
    this.#environment = environment;
    this.#isOfHosts = isOfHosts;
    this.#room = new Room(options.overall ?? Infinity);
  }

  /** Works on VMs of one host, and tells of each. @param context of that host */
  async run(tasks: readonly Task[], context: VmContext, host?: string): Promise<void> {
    await this.work(this.expect(tasks, host), context);
  }

  /** Counts VMs of one host, with which something is done sooner or later. */
  expect(tasks: readonly Task[], host?: string): readonly Expected[] {
    const entries = tasks.map((task): Entry => ({ task, host, step: undefined, outcome: undefined }));
    this.#entries.push(...entries);
    this.#showWork();
    return entries;
  }

  /**
   * Works on some of one host that are counted, and tells of each.
   * @param context of that host @param isEnough whether none is begun any more
   */
  async work(
    entries: readonly Expected[],
    context: VmContext,
    isEnough: () => boolean = () => false,
  ): Promise<void> {
    const ofHost = this.#entries.filter(({ host }) => host === entries[0]?.host);
    const isOver = (): boolean =>
      this.#about.signal.aborted ||
      isEnough() ||
      ofHost.some(({ outcome }) => outcome?.error?.kind === 'connection');
    await someAtOnce(
      entries,
      this.#options.atOnce,
      (entry, index) =>
        this.#room.with(async () => {
          if (!isOver()) await this.#take(entry, context, index === entries.length - 1);
        }),
      isOver,
    );
  }

  /**
   * Tells of a host that could not be asked, and counts it.
   * @param tasks that were for it: they have failed
   */
  lose(lost: LostHost, tasks: readonly Task[] = []): void {
    const { name: host, error } = lost;
    const { format, pause, verbose } = this.#options;
    this.#lost.push(lost);
    const outcomes = tasks.map((task) => outcomeOf(task, 'failed', error));
    for (const [index, task] of tasks.entries())
      this.#entries.push({ task, host, step: undefined, outcome: outcomes[index] });
    if (format === 'json') {
      const nothing = { name: null, uuid: null, addresses: [], left: [], notes: [] };
      const status = error.kind === 'connection' ? 'unreachable' : 'failed';
      if (tasks.length === 0) this.#printLine({ host, ...nothing, status, error: failureEntry(error) });
      for (const outcome of outcomes) this.#print(outcome, [], host);
      return;
    }
    pause();
    for (const line of failureLines(error, verbose, host)) this.#environment.output.say(line);
    this.#showWork();
  }

  /** Counts VMs of a host that was not asked any more. */
  leaveOut(tasks: readonly Task[], host: string): void {
    for (const task of tasks) this.#entries.push({ task, host, step: undefined, outcome: undefined });
  }

  /**
   * @param missing what is not there, of all that was asked for
   * @param unasked hosts that were not asked before an interruption
   * @throws Interrupted, PlowError
   */
  end(missing?: string, unasked: readonly Pick<LostHost, 'name'>[] = []): void {
    const { action, format, pause } = this.#options;
    const { output } = this.#environment;
    pause();
    const rest = this.#left();
    if (format === 'json') {
      for (const { task, host } of rest) this.#print(outcomeOf(task, 'not begun'), task.warnings ?? [], host);
    }
    this.#endInterrupted(unasked);
    if (this.#isOfHosts && format === 'text' && this.#entries.length > 0)
      output.say(countedWords(this.#entries));
    const errors = [
      ...this.#entries.flatMap(({ outcome }) => outcome?.error ?? []),
      ...this.#lost.map(({ error }) => error),
      ...(missing === undefined ? [] : [new PlowError('operation', missing)]),
    ];
    const worst = gravestOf(errors, (error) => error);
    if (worst === undefined) return;
    if (this.#entries.length === 1 && !this.#isOfHosts) throw worst;
    const words = [failureWords(action, this.#entries, this.#lost), missing ?? ''];
    throw new PlowError(worst.kind, words.filter((part) => part !== '').join('; '));
  }

  /** @throws Interrupted */
  #endInterrupted(unasked: readonly Pick<LostHost, 'name'>[]): void {
    const { signal } = this.#about;
    const cut = [...this.#left(), ...named(this.#entries, 'interrupted'), ...unasked];
    if (!signal.aborted || cut.length === 0) return;
    const [first] = this.#entries;
    if (this.#entries.length === 1 && first?.outcome?.interrupted !== undefined)
      throw first.outcome.interrupted;
    if (this.#entries.length + unasked.length > 1 || this.#isOfHosts) {
      for (const line of interruptedLines(this.#options.action, this.#entries, unasked))
        this.#environment.output.say(line);
    }
    signal.throwIfAborted();
  }

  /** Those of which nothing has come yet. */
  #left(): readonly Entry[] {
    return this.#entries.filter(({ outcome }) => outcome === undefined);
  }

  /** Then it is told of in one piece. */
  #isAmongOthers(): boolean {
    return this.#isOfHosts || (this.#options.atOnce > 1 && this.#entries.length > 1);
  }

  async #take(entry: Entry, context: VmContext, isLast: boolean): Promise<void> {
    const { task, host } = entry;
    const { format, action } = this.#options;
    const isAmongOthers = this.#isAmongOthers();
    entry.step = '';
    const onStep = (step: string): void => {
      entry.step = step;
      this.#showWork();
    };
    const usual = isAmongOthers ? undefined : context.progress;
    const heard = new Heard(format === 'text' ? usual : SILENCE, isAmongOthers ? onStep : undefined);
    const settled = isLast && !isAmongOthers ? context.settled : (): void => {};
    entry.outcome = await outcomeAfter(task, { ...context, progress: heard, settled });
    const { outcome } = entry;
    const done = DONE[action];
    const what = isOfSnapshot(action) ? 'the snapshot of ' : '';
    if (outcome.status === done)
      this.#environment.output.accomplished(`${what}VM '${labelOf(entry)}' was ${done}`);
    if (format === 'json')
      this.#print(outcome, [...(task.warnings ?? []), ...heard.notes, ...lastWords(outcome)], host);
    else this.#say(entry, heard);
  }

  #say({ outcome, host }: Entry, heard: Heard): void {
    const { pause, verbose } = this.#options;
    const { output } = this.#environment;
    pause();
    heard.repeat(host === undefined ? this.#about.progress : atHost(host, this.#about.progress));
    const error = outcome?.error;
    // That of one alone is the command's.
    if (error !== undefined && (this.#isOfHosts || this.#entries.length > 1)) {
      for (const line of failureLines(error, verbose, host)) output.say(line);
    }
    this.#showWork();
  }

  /** While several are worked on: how many are left, and a row for each that is under way. */
  #showWork(): void {
    const { action, format } = this.#options;
    const left = this.#left();
    if (format !== 'text' || !this.#isAmongOthers() || left.length === 0) return;
    const most = Math.max(0, Math.min(MOST_ROWS, (this.#environment.rows ?? MOST_ROWS) - 3));
    this.#about.progress.begin(doingWords(action, left), rowsUnderWay(left).slice(0, most));
  }

  #print(outcome: Outcome, notes: readonly string[], host: string | undefined): void {
    const { name, uuid, status, addresses, left, waited, plan, snapshot, error } = outcome;
    const some = {
      ...(waited === undefined ? {} : { waited }),
      ...(plan === undefined ? {} : { plan }),
      ...(snapshot === undefined ? {} : { snapshot }),
    };
    const summary = { name, uuid, status, addresses, left, ...some };
    const shown = error === undefined ? null : failureEntry(error);
    const where = host === undefined ? {} : { host };
    this.#printLine({ ...where, ...summary, notes: [...notes], error: shown });
  }

  #printLine(result: Omit<ResultDocument, 'action'>): void {
    const document: ResultDocument = { action: this.#options.action, ...result };
    this.#environment.output.print(jsonDocument(document, 'line'));
  }
}

/** How things stand with a VM whose work was interrupted. */
function lastWords({ interrupted }: Outcome): readonly string[] {
  return interrupted === undefined ? [] : [interrupted.message];
}
