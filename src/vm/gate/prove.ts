import { setTimeout as sleep } from 'node:timers/promises';
import { Verdict } from '../../errors/verdict.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Answer } from '../../hypervisor/reach.ts';
import type { VmContext } from '../context.ts';
import type { Proof } from '../image-store/record-gate.ts';
import { shutDown } from '../lifecycle/shut-down.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { sshTarget } from '../ssh/target.ts';
import type { SshTarget } from '../ssh/target.ts';
import { waitForVm } from '../wait/wait.ts';
import { Watcher } from '../wait/watcher.ts';
import { answerWords, brokenByCloudInit, brokenProof, refusedProof } from './judge.ts';
import { Shortfall } from './shortfall.ts';
import type { GateTools, GateWish, Login } from './wish.ts';

/** For the last of the four, however long the others took: systemd gives a service 90 seconds to end. */
const SHUTDOWN_MS = 120_000;
/** For what comes after ssh answers, where that took all the time there was. */
const LEAST_MS = 10_000;
const KNOCK_WITHIN_MS = 1000;
/** A server that starts anew, once cloud-init has written its keys. */
const LOGIN_TRIES = 3;
const LOGIN_PAUSE_MS = 2000;

/** A guest that is to make the four proofs. */
export interface Candidate {
  readonly domain: Domain;
  readonly privateKey: string;
  readonly wish: GateWish;
  readonly tools: GateTools;
}

/**
 * Has a guest that was just started make the four proofs, in their order. The first three are one: a guest
 * that has the host keys of its seed lets in, at its address, who has the key of its seed.
 * @returns seconds from its start until it let the key in
 * @throws Shortfall where one is not made; PlowError, HypervisorError, Interrupted
 */
export function prove(candidate: Candidate, context: VmContext): Promise<number> {
  return new Proving(candidate, context).run();
}

class Proving {
  readonly #candidate: Candidate;
  readonly #context: VmContext;
  readonly #begun = performance.now();
  #bootSeconds: number | null = null;

  constructor(candidate: Candidate, context: VmContext) {
    this.#candidate = candidate;
    this.#context = context;
  }

  async run(): Promise<number> {
    const { domain } = this.#candidate;
    await this.#untilSsh();
    const target = await sshTarget(domain.uuid, this.#context.hypervisor);
    let login = await this.#logIn(target);
    await this.#untilCloudInit();
    for (let tries = 1; login.kind !== 'in' && tries <= LOGIN_TRIES; tries += 1) {
      await this.#pause();
      login = await this.#logIn(target);
    }
    if (login.kind !== 'in' || this.#bootSeconds === null) throw await this.#refused(login, target);
    await this.#shutDown();
    return this.#bootSeconds;
  }

  async #untilSsh(): Promise<void> {
    const { domain, wish } = this.#candidate;
    try {
      await waitForVm(domain, { condition: 'ssh', withinMs: wish.withinMs }, this.#context);
    } catch (error) {
      if (!(error instanceof Verdict)) throw error;
      const seen = await this.#look();
      const proof = brokenProof(error, seen);
      const answered = proof === 'ssh' || proof === 'seed' ? answerWords(seen) : '';
      throw this.#short(error, proof, answered);
    }
  }

  /** What is seen of its address once nobody waits for it any more. */
  async #look(): Promise<Parameters<typeof brokenProof>[1]> {
    const { domain } = this.#candidate;
    const { hypervisor } = this.#context;
    const { expected } = await Watcher.of(domain, 'ssh', this.#context);
    const { address, hostKeys } = expected;
    const how = { withinMs: KNOCK_WITHIN_MS, withHostKeys: hostKeys.length > 0 };
    const answer: Answer | undefined =
      address === undefined ? undefined : await hypervisor.knock(address, how);
    return { answer, expected, isLocal: hypervisor.local !== undefined };
  }

  async #logIn(target: SshTarget): Promise<Login> {
    const { tools, privateKey } = this.#candidate;
    const { progress, signal } = this.#context;
    progress.begin(`VM '${target.name}': trying whether ssh lets the key in`);
    signal.throwIfAborted();
    const login = await tools.logIn(target, privateKey, signal);
    signal.throwIfAborted();
    if (login.kind !== 'in') return login;
    this.#bootSeconds = secondsSince(this.#begun);
    progress.done(
      `VM '${target.name}' has read its seed, answers at ${target.address} and lets the key in: ${this.#bootSeconds} s from its start`,
    );
    return login;
  }

  async #untilCloudInit(): Promise<void> {
    const { domain, wish } = this.#candidate;
    const withinMs = Math.max(LEAST_MS, wish.withinMs - (performance.now() - this.#begun));
    try {
      await waitForVm(domain, { condition: 'cloud-init', withinMs }, this.#context);
    } catch (error) {
      if (!(error instanceof Verdict)) throw error;
      const proof = brokenByCloudInit(error.verdict, this.#bootSeconds !== null);
      if (proof !== undefined) throw this.#short(error, proof);
      this.#context.progress.note(`whether cloud-init is done could not be told: ${error.message}`);
    }
  }

  async #pause(): Promise<void> {
    const { signal } = this.#context;
    await sleep(LOGIN_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }

  async #refused(login: Login, { address }: SshTarget): Promise<Shortfall> {
    const said = login.kind === 'refused' ? login.words.trim().split('\n').at(-1) : undefined;
    const why = `ssh at ${address} does not let the key of the seed in: ${said ?? 'no answer in time'}`;
    const lastLines = await this.#lastLines();
    return new Shortfall(why, { proof: refusedProof(login), step: 'ssh', hint: undefined, lastLines }, null);
  }

  async #shutDown(): Promise<void> {
    const { domain } = this.#candidate;
    const { progress } = this.#context;
    const { name } = domain;
    progress.begin(`VM '${name}': waiting until its power button shuts it down`);
    const begun = performance.now();
    const how = { withinMs: SHUTDOWN_MS, until: 'off' } as const;
    const stillOn = await shutDown(domain, this.#context, how).catch((error: unknown) => {
      throw explainOfVm(error, name, `cannot shut down VM '${name}'`);
    });
    if (stillOn?.cause !== undefined)
      throw explainOfVm(stillOn.cause, name, `cannot press the power button of VM '${name}'`);
    if (stillOn !== undefined) {
      const why = `VM '${name}' still runs, though its power button was pressed: its guest ${stillOn.why}`;
      const hint = 'does its system handle the ACPI power button (systemd-logind, acpid)?';
      const details = { proof: 'shutdown', step: 'done', hint, lastLines: await this.#lastLines() } as const;
      throw new Shortfall(why, details, this.#bootSeconds);
    }
    const seconds = secondsSince(begun);
    progress.done(`VM '${name}' is shut down by its power button, in ${seconds} s`);
  }

  #short({ message, step, hint, lastLines }: Verdict, proof: Proof | 'unknown', more = ''): Shortfall {
    return new Shortfall(`${message}${more}`, { proof, step, hint, lastLines }, this.#bootSeconds);
  }

  /** None where they cannot be read: the proof that failed is told all the same. */
  async #lastLines(): Promise<readonly string[]> {
    try {
      const watcher = await Watcher.of(this.#candidate.domain, 'ssh', this.#context);
      await watcher.readConsole();
      return watcher.consoleLines;
    } catch {
      return [];
    }
  }
}

/** To a tenth. */
function secondsSince(begun: number): number {
  return Math.round((performance.now() - begun) / 100) / 10;
}
