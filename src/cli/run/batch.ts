import type { ResultDocument } from '../../documents/result-schema.ts';
import { Interrupted } from '../../errors/interrupted.ts';
import { gravestOf, PlowError } from '../../errors/plow-error.ts';
import { Verdict } from '../../errors/verdict.ts';
import { failureEntry } from '../../views/failure/document.ts';
import { failureLines } from '../../views/failure/text.ts';
import { jsonDocument } from '../../documents/json-text.ts';
import { printable } from '../../text/printable.ts';
import type { VmContext } from '../../vm/context.ts';
import type { Environment } from '../environment.ts';
import { Heard, SILENCE } from './heard.ts';
import { someAtOnce } from './some-at-once.ts';

/** `text`: lines for people; `json`: a line for each VM; `quiet`: errors only. */
export type BatchFormat = 'text' | 'json' | 'quiet';

type Action = ResultDocument['action'];
type Told = Pick<ResultDocument, 'name' | 'uuid' | 'status' | 'addresses' | 'left' | 'waited' | 'snapshot'>;

/** Work on one VM. */
export interface Task {
  readonly name: string;
  /** What is known of the VM before anything is done: for one that fails. */
  readonly known?: Partial<Told>;
  /** To be told with it. */
  readonly warnings?: readonly string[];
  /** @param onLeft takes what could not be taken back, where it fails @throws PlowError, Interrupted */
  readonly run: (context: VmContext, onLeft: (what: readonly string[]) => void) => Promise<Told>;
}

export interface BatchOptions {
  readonly action: Action;
  readonly format: BatchFormat;
  /** How many VMs are worked on at the same time. */
  readonly atOnce: number;
  readonly verbose: boolean;
  /** Takes what is drawn off the terminal. */
  readonly pause: () => void;
}

/** Of one task. */
interface Outcome extends Told {
  readonly error: PlowError | undefined;
  readonly interrupted?: Interrupted;
}

/** What has become of a VM with which all went well. */
export const DONE: Readonly<Record<Action, Told['status']>> = {
  create: 'created',
  clone: 'cloned',
  destroy: 'destroyed',
  start: 'started',
  stop: 'stopped',
  restart: 'restarted',
  suspend: 'suspended',
  resume: 'resumed',
  autostart: 'changed',
  protect: 'protected',
  unprotect: 'unprotected',
  extend: 'extended',
  undelete: 'undeleted',
  resize: 'resized',
  attach: 'attached',
  detach: 'detached',
  wait: 'reached',
  'snapshot create': 'taken',
  'snapshot revert': 'reverted',
  'snapshot delete': 'deleted',
};
const DOING: Readonly<Record<Action, string>> = {
  create: 'Creating',
  clone: 'Cloning',
  destroy: 'Destroying',
  start: 'Starting',
  stop: 'Stopping',
  restart: 'Restarting',
  suspend: 'Suspending',
  resume: 'Resuming',
  autostart: 'Changing',
  protect: 'Changing',
  unprotect: 'Changing',
  extend: 'Changing',
  undelete: 'Bringing back',
  resize: 'Resizing',
  attach: 'Changing',
  detach: 'Changing',
  wait: 'Waiting for',
  'snapshot create': 'Taking snapshots of',
  'snapshot revert': 'Reverting',
  'snapshot delete': 'Deleting snapshots of',
};

/** Whether what is done is done to a snapshot, and not to its VM. */
function isOfSnapshot(action: Action): boolean {
  return action === 'snapshot create' || action === 'snapshot delete';
}

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
  const batch = new Batch(tasks, options, context, environment);
  await batch.run();
  batch.end();
}

class Batch {
  readonly #tasks: readonly Task[];
  readonly #options: BatchOptions;
  readonly #context: VmContext;
  readonly #environment: Environment;
  readonly #outcomes = new Map<Task, Outcome>();

  constructor(tasks: readonly Task[], options: BatchOptions, context: VmContext, environment: Environment) {
    this.#tasks = tasks;
    this.#options = options;
    this.#context = context;
    this.#environment = environment;
  }

  async run(): Promise<void> {
    this.#showWork();
    await someAtOnce(
      this.#tasks,
      this.#options.atOnce,
      (task, index) => this.#take(task, index),
      () => this.#isOver(),
    );
  }

  /** @throws Interrupted, PlowError */
  end(): void {
    this.#options.pause();
    const rest = this.#tasks.filter((task) => !this.#outcomes.has(task));
    if (this.#options.format === 'json') {
      for (const task of rest) this.#print(outcomeOf(task, 'not begun'), task.warnings ?? []);
    }
    const unbegun = rest.map(({ name }) => name);
    if (this.#named('interrupted').length + unbegun.length > 0 && this.#context.signal.aborted) {
      const [first] = this.#outcomes.values();
      if (this.#tasks.length === 1 && first?.interrupted !== undefined) throw first.interrupted;
      this.#tellInterrupted(unbegun);
      this.#context.signal.throwIfAborted();
    }
    const errors = [...this.#outcomes.values()].flatMap(({ error }) => (error === undefined ? [] : [error]));
    const worst = gravestOf(errors, (error) => error);
    if (worst === undefined) return;
    if (this.#tasks.length === 1) throw worst;
    const names = [...this.#named('failed'), ...unbegun];
    const done = DONE[this.#options.action];
    const what = isOfSnapshot(this.#options.action) ? 'snapshots of ' : '';
    const message = `${what}${names.length} of ${this.#tasks.length} VMs were not ${done}: ${listed(names)}`;
    throw new PlowError(worst.kind, message);
  }

  /** What an interruption has left of several. */
  #tellInterrupted(unbegun: readonly string[]): void {
    if (this.#tasks.length === 1) return;
    const done = DONE[this.#options.action];
    for (const { name, interrupted } of this.#outcomes.values()) {
      const outcome = interrupted?.outcome;
      if (outcome === undefined) continue;
      const words = outcome.includes(`'${name}'`) ? outcome : `VM '${name}': ${outcome}`;
      this.#environment.output.say(printable(words));
    }
    const parts = [
      [done, this.#named(done, 'unchanged')],
      [`not ${done}`, this.#named('interrupted', 'failed')],
      ['not begun', unbegun],
    ] as const;
    const summary = parts.flatMap(([words, names]) =>
      names.length === 0 ? [] : [`${words}: ${listed(names)}`],
    );
    this.#environment.output.say(summary.join('; '));
  }

  #named(...statuses: readonly Told['status'][]): readonly string[] {
    return [...this.#outcomes.values()].flatMap(({ status, name }) =>
      statuses.includes(status) ? [name] : [],
    );
  }

  #isOver(): boolean {
    const isBroken = [...this.#outcomes.values()].some(({ error }) => error?.kind === 'connection');
    return this.#context.signal.aborted || isBroken;
  }

  async #take(task: Task, index: number): Promise<void> {
    const { format, atOnce } = this.#options;
    const isLast = index === this.#tasks.length - 1;
    const isAmongOthers = atOnce > 1 && this.#tasks.length > 1;
    const usual = isAmongOthers ? undefined : this.#context.progress;
    const heard = new Heard(format === 'text' ? usual : SILENCE);
    const settled = isLast && !isAmongOthers ? this.#context.settled : (): void => {};
    const outcome = await outcomeAfter(task, { ...this.#context, progress: heard, settled });
    this.#outcomes.set(task, outcome);
    const done = DONE[this.#options.action];
    const what = isOfSnapshot(this.#options.action) ? 'the snapshot of ' : '';
    if (outcome.status === done)
      this.#environment.output.accomplished(`${what}VM '${outcome.name}' was ${done}`);
    if (format === 'json')
      this.#print(outcome, [...(task.warnings ?? []), ...heard.notes, ...lastWords(outcome)]);
    else this.#say(outcome, heard);
  }

  #say({ error }: Outcome, heard: Heard): void {
    const { pause, verbose } = this.#options;
    const { output } = this.#environment;
    pause();
    heard.repeat(this.#context.progress);
    // That of one alone is the command's.
    if (error !== undefined && this.#tasks.length > 1)
      for (const line of failureLines(error, verbose)) output.say(line);
    if (this.#outcomes.size < this.#tasks.length) this.#showWork();
  }

  /** While several are worked on nothing else is shown until the first has ended. */
  #showWork(): void {
    const { action, atOnce, format } = this.#options;
    const count = this.#tasks.length - this.#outcomes.size;
    if (format !== 'text' || atOnce === 1 || this.#tasks.length === 1) return;
    this.#context.progress.begin(`${DOING[action]} ${count} ${count === 1 ? 'VM' : 'VMs'}`);
  }

  #print(outcome: Outcome, notes: readonly string[]): void {
    const { name, uuid, status, addresses, left, waited, snapshot, error } = outcome;
    const { action } = this.#options;
    const some = {
      ...(waited === undefined ? {} : { waited }),
      ...(snapshot === undefined ? {} : { snapshot }),
    };
    const summary = { name, uuid, status, addresses, left, ...some };
    const shown = error === undefined ? null : failureEntry(error);
    const document: ResultDocument = { action, ...summary, notes: [...notes], error: shown };
    this.#environment.output.print(jsonDocument(document, 'line'));
  }
}

function outcomeOf({ name, known }: Task, status: Told['status'], error?: PlowError): Outcome {
  return { name, uuid: null, addresses: [], left: [], ...known, status, error };
}

async function outcomeAfter(task: Task, context: VmContext): Promise<Outcome> {
  let left: readonly string[] = [];
  try {
    return { ...(await task.run(context, (what) => (left = what))), error: undefined };
  } catch (error) {
    const entries = left.map((what) => ({ what, why: null }));
    if (error instanceof Interrupted) {
      return { ...outcomeOf(task, 'interrupted'), left: entries, interrupted: error };
    }
    if (error instanceof PlowError)
      return { ...outcomeOf(task, 'failed', error), ...waitedOf(error), left: entries };
    throw error;
  }
}

/** How things stand with a VM whose work was interrupted. */
function lastWords({ interrupted }: Outcome): readonly string[] {
  return interrupted === undefined ? [] : [interrupted.message];
}

/** Of a VM that was waited for. */
function waitedOf(error: PlowError): Pick<Told, 'waited'> {
  if (!(error instanceof Verdict)) return {};
  const { condition, step, verdict } = error;
  return { waited: { condition, step, verdict } };
}

function listed(names: readonly string[]): string {
  return names.map(printable).join(', ');
}
