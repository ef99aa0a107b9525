import { setTimeout as sleep } from 'node:timers/promises';
import { Verdict } from '../../errors/verdict.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { DomainWatch } from '../../hypervisor/events.ts';
import { truncated } from '../../text/width.ts';
import type { VmContext } from '../context.ts';
import { within } from '../few-at-once.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { Bell } from '../lifecycle/bell.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { STEPS } from './evidence.ts';
import type { Condition, Evidence, Step } from './evidence.ts';
import { complaintsOf, judge } from './judge.ts';
import { Watcher } from './watcher.ts';
import { complaintWords, CONDITION_WORDS, flawWords, gatewayWords, lateWords, STEP_WORDS } from './words.ts';

/** Neither a byte on a console nor a guest that greets is told of by anybody. */
const LOOK_EVERY_MS = 1000;
/** How long a look that is under way may take to end when nobody waits for it any more. */
const END_MS = 1000;
/** How long the last questions may take, whose answers change no verdict. */
const LAST_MS = 5000;
/** Of the guest's last line. */
const SHOWN_COLUMNS = 60;

/** How long a VM may take, unless it is said. */
export const WAIT_MS = 300_000;

export interface WaitOptions {
  readonly condition: Condition;
  readonly withinMs: number;
}

export interface Reached {
  readonly step: Step;
  /** At which the guest should be. */
  readonly address: string | undefined;
}

/**
 * Waits until a VM has come so far, or it is proved that it will not.
 * @throws Verdict for one that does not @throws PlowError, Interrupted
 */
export async function waitForVm(domain: Domain, options: WaitOptions, context: VmContext): Promise<Reached> {
  const { name } = domain;
  try {
    // Before the first look, so that nothing happens in between that nobody hears.
    using events = await context.hypervisor.watchDomains('states');
    const waiting = new Wait(domain, options, context);
    return await waiting.end(events);
  } catch (error) {
    throw explainOfVm(error, name, `cannot wait for VM '${name}'`);
  }
}

class Wait {
  readonly #domain: Domain;
  readonly #options: WaitOptions;
  readonly #context: VmContext;
  readonly #bell = new Bell();
  readonly #deadline: number;
  readonly #interrupted: Promise<void>;
  #furthest = 0;

  constructor(domain: Domain, options: WaitOptions, context: VmContext) {
    this.#domain = domain;
    this.#options = options;
    this.#context = context;
    this.#deadline = performance.now() + options.withinMs;
    const { signal } = context;
    this.#interrupted = new Promise((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  async end(events: DomainWatch): Promise<Reached> {
    const { signal } = this.#context;
    const over = new AbortController();
    const untilOver = AbortSignal.any([signal, over.signal]);
    untilOver.addEventListener('abort', () => this.#bell.ring());
    try {
      const watcher = await this.#unlessInterrupted(
        Watcher.of(this.#domain, this.#options.condition, this.#context),
      );
      const hearing = this.#hear(events, watcher);
      hearing.catch(() => this.#bell.ring());
      for (;;) {
        const evidence = await this.#unlessInterrupted(watcher.look());
        const reached = await this.#conclude(watcher, evidence);
        if (reached !== undefined) return reached;
        const left = this.#deadline - performance.now();
        const pause = sleep(Math.max(0, Math.min(left, LOOK_EVERY_MS)), undefined, { signal: untilOver });
        await Promise.race([pause.catch(() => undefined), this.#bell.rung()]);
      }
    } finally {
      over.abort();
    }
  }

  /** @throws Verdict */
  async #conclude(watcher: Watcher, evidence: Evidence): Promise<Reached | undefined> {
    const { condition } = this.#options;
    const judgement = judge(evidence, watcher.expected, condition);
    this.#tell(judgement.step, evidence);
    if (judgement.outcome === 'met') return await this.#reached(watcher, evidence, judgement.step);
    const isLate = performance.now() >= this.#deadline;
    if (judgement.outcome === 'waiting' && !isLate) return undefined;
    await this.#soon(watcher.readConsole());
    const furthest = STEPS[Math.max(this.#furthest, STEPS.indexOf(judgement.step))] ?? judgement.step;
    const about = { name: this.#domain.name, withinMs: this.#options.withinMs };
    if (judgement.outcome === 'waiting' && (await this.#soon(watcher.lacksGateway())))
      this.#context.progress.note(gatewayWords(about.name, watcher.expected));
    const { message, hint } =
      judgement.outcome === 'failed'
        ? flawWords(judgement.flaw, about.name, evidence, watcher.expected)
        : lateWords(condition, furthest, about, evidence, watcher.expected);
    const verdict = judgement.outcome === 'failed' ? judgement.flaw : 'timeout';
    const lastLines = watcher.consoleLines;
    throw new Verdict(message, { condition, verdict, step: furthest, hint, lastLines });
  }

  async #reached(watcher: Watcher, evidence: Evidence, step: Step): Promise<Reached> {
    const { progress } = this.#context;
    const { condition } = this.#options;
    const { address } = watcher.expected;
    const where = address !== undefined && condition === 'address' ? `: ${address}` : '';
    progress.done(`VM '${this.#domain.name}' ${CONDITION_WORDS[condition]}${where}`);
    for (const complaint of condition === 'cloud-init' ? complaintsOf(evidence) : [])
      progress.note(complaintWords(complaint));
    if ((await this.#soon(watcher.lacksGateway())) === true)
      progress.note(gatewayWords(this.#domain.name, watcher.expected));
    return { step, address };
  }

  /** Each further step stays as a line; what comes next is shown while it lasts. */
  #tell(step: Step, { told }: Evidence): void {
    const { progress } = this.#context;
    const { condition } = this.#options;
    const name = `VM '${this.#domain.name}'`;
    const index = STEPS.indexOf(step);
    const isTheEnd = STEP_WORDS[step] === CONDITION_WORDS[condition];
    if (index > this.#furthest && !isTheEnd) progress.done(`${name} ${STEP_WORDS[step]}`);
    this.#furthest = Math.max(this.#furthest, index);
    const last = told?.last === undefined ? '' : `  ${truncated(told.last, SHOWN_COLUMNS)}`;
    progress.begin(`${name}: waiting until it ${CONDITION_WORDS[condition]}${last}`);
  }

  async #hear(events: DomainWatch, watcher: Watcher): Promise<void> {
    for await (const { uuid, kind } of events) {
      if (uuid !== this.#domain.uuid) continue;
      if (kind === 'started' || kind === 'stopped') watcher.hear(kind);
      this.#bell.ring();
    }
  }

  /** Undefined for what fails, or takes too long: the verdict is told all the same. @throws Interrupted */
  async #soon<T>(work: Promise<T>): Promise<T | undefined> {
    return this.#unlessInterrupted(
      within(
        LAST_MS,
        work.catch(() => undefined),
      ),
    );
  }

  /** A look that is under way leaves nothing behind, if it can. @throws Interrupted */
  async #unlessInterrupted<T>(work: Promise<T>): Promise<T> {
    const ended = work.then(
      () => undefined,
      () => undefined,
    );
    await Promise.race([ended, this.#interrupted]);
    if (this.#context.signal.aborted) await within(END_MS, ended);
    throwIfInterrupted(this.#context, `VM '${this.#domain.name}' goes on as it was`);
    return work;
  }
}
