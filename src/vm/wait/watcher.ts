import type { DomainStatus, SeenAddress } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Answer } from '../../hypervisor/reach.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import { placeOfLog } from '../console-log/place.ts';
import type { VmContext } from '../context.ts';
import { stateOf } from '../lifecycle/shut-down.ts';
import { qemuStart } from '../qemu-start.ts';
import { readDocument } from '../read-document.ts';
import { agentWord } from './agent-word.ts';
import type { AgentWord } from './agent-word.ts';
import { tailOf } from './console-tail.ts';
import type { ConsoleTail } from './console-tail.ts';
import type { Ages, Condition, Evidence, Expected } from './evidence.ts';
import { expectedOf } from './expected.ts';
import { hasAddress, hasSsh, isFinished } from './judge.ts';
import { isOlder } from './older-boot.ts';

/** How long a guest agent may take to say its addresses, and a guest to greet. */
const AGENT_WITHIN_MS = 1000;
const KNOCK_WITHIN_MS = 1000;
const STATS_WITHIN_MS = 1000;
const ASK_AGENT_EVERY_MS = 3000;
const SILENT_AGENT_MS = 60_000;
/** cloud-init ends about when people can log in. */
const LOGIN_MS = 10_000;
/** SeaBIOS reads 512 of a disk that is empty, and every kernel has more. */
const LEAST_READ_BYTES = 64 * 1024;

/** Looks at one VM, again and again, and remembers what of it need not be looked at again. */
export class Watcher {
  readonly #domain: Domain;
  readonly #context: VmContext;
  readonly #isOfGuest: boolean;
  readonly #asksAgent: boolean;
  readonly expected: Expected;
  /** Until the first look at the console. */
  #beginning: DomainStatus | undefined;
  #tail: ConsoleTail | undefined;
  #hasRun: boolean;
  #hasStopped = false;
  /** Not restored, nor migrated: its guest has booted in it. */
  #isNew: boolean;
  /** UEFI says itself that it finds nothing, and may take long before it reads anything. */
  readonly #isUefi: boolean;
  #isIdle = false;
  #seen: readonly SeenAddress[] = [];
  #answer: Answer | undefined;
  #agent: AgentWord | undefined;
  #askAgentAt = 0;
  /** Whether its agent is connected; undefined: not asked in this look. */
  #isConnected: boolean | undefined;
  readonly #since = new Map<keyof Ages, number>();

  private constructor(domain: Domain, condition: Condition, context: VmContext, status: DomainStatus) {
    this.#domain = domain;
    this.#context = context;
    this.#isOfGuest = condition !== 'running' && condition !== 'stopped';
    this.#asksAgent = condition === 'cloud-init';
    this.#hasRun = status.active;
    this.#isNew = !status.active || status.reason === 'booted';
    this.#beginning = status;
    const { live, stored } = status.documents;
    const document = readDocument({ name: domain.name, xml: live ?? stored });
    this.expected = expectedOf(document);
    this.#isUefi = readDomain(document).firmware === 'uefi';
  }

  /** @throws PlowError, HypervisorError */
  static async of(domain: Domain, condition: Condition, context: VmContext): Promise<Watcher> {
    return new Watcher(domain, condition, context, await domain.status());
  }

  get consoleLines(): readonly string[] {
    return this.#tail?.lines ?? [];
  }

  /** What libvirt tells between two looks. */
  hear(kind: 'started' | 'stopped'): void {
    if (kind === 'stopped') this.#hasStopped = true;
    else this.#tail?.forget();
    this.#agent = undefined;
    this.#isNew = true;
  }

  /** @throws PlowError, HypervisorError */
  async look(): Promise<Evidence> {
    this.#isConnected = undefined;
    const state = await stateOf(this.#domain);
    const isAskedWhy = state !== 'running' && state !== 'idle' && this.#hasRun;
    const reason = isAskedWhy ? await this.#reason() : undefined;
    this.#hasRun ||= state !== 'shut off';
    if (this.#isOfGuest) {
      await this.#lookAtConsole();
      await this.#lookAtDisks();
      if (state === 'running' || state === 'idle') {
        await this.#lookAtAddress();
        await this.#askAgent();
      }
    }
    return this.#evidence(state, reason);
  }

  /** Once more what the console says, of a VM whose wait is over. @throws PlowError */
  async readConsole(): Promise<void> {
    if (this.#tail === undefined) await this.#openTail();
    else await this.#tail.read(this.#context);
  }

  /**
   * Whether nobody has the address of its gateway. Only the hypervisor can tell, and only of a guest that it
   * has as a neighbour itself.
   */
  async lacksGateway(): Promise<boolean> {
    const { gateway, macs } = this.expected;
    const { hypervisor } = this.#context;
    const isNear = this.#answer?.neighbour !== undefined && macs.includes(this.#answer.neighbour);
    if (gateway === undefined || hypervisor.local === undefined || !isNear) return false;
    const { port22, neighbour } = await hypervisor.knock(gateway, {
      withinMs: KNOCK_WITHIN_MS,
      withHostKeys: false,
    });
    return neighbour === undefined && (port22 === 'silent' || port22 === 'unreachable');
  }

  async #reason(): Promise<string | undefined> {
    // A transient one is gone once it stops.
    return this.#domain.status().then(
      ({ reason }) => reason,
      () => undefined,
    );
  }

  /** One that could not be read may be at the next look. */
  async #lookAtConsole(): Promise<void> {
    if (this.#tail !== undefined) return this.#tail.read(this.#context);
    await this.#openTail();
    const beginning = this.#beginning;
    this.#beginning = undefined;
    if (this.#tail === undefined || !this.#isNew) return;
    await this.#forgetIfOlder(this.#tail, beginning ?? (await this.#domain.status()));
  }

  async #forgetIfOlder(tail: ConsoleTail, status: DomainStatus): Promise<void> {
    const { local, places } = this.#context.hypervisor;
    const started = local === undefined ? undefined : await qemuStart(local, places, this.#domain);
    const { facts, writtenAt } = tail;
    const isDone = facts.finished !== undefined;
    // Of a QEMU whose start is not known.
    const asks = isDone && started === undefined && status.active;
    const bytesRead = asks ? await this.#domain.bytesRead(STATS_WITHIN_MS) : undefined;
    const { cpuSeconds } = status;
    const known = { upSeconds: facts.upSeconds, isDone, writtenAt, started, cpuSeconds, bytesRead };
    if (isOlder(known, this.#context.now())) tail.forget();
  }

  async #openTail(): Promise<void> {
    const place = placeOfLog(this.#domain, this.#context.storagePath);
    this.#tail = await tailOf(place, this.#context);
  }

  /** Of a QEMU that was started anew, until something comes on its console. */
  async #lookAtDisks(): Promise<void> {
    const isTold = this.#isUefi || this.#tail === undefined || this.#tail.facts.last !== undefined;
    if (!this.#isNew || isTold) this.#isIdle = false;
    else this.#isIdle = ((await this.#domain.bytesRead(STATS_WITHIN_MS)) ?? Infinity) < LEAST_READ_BYTES;
  }

  /**
   * Where cloud-init is awaited, and the console should have told of its end by now: libvirt marks a domain
   * whose agent was asked as tainted.
   */
  async #askAgent(): Promise<void> {
    const now = performance.now();
    if (!this.#asksAgent || !this.expected.hasAgent || now < this.#askAgentAt) return;
    const evidence = this.#evidence('running', undefined);
    const isUp = hasSsh(evidence, this.expected) || evidence.ages.login >= LOGIN_MS;
    if (isFinished(evidence) || !(isUp || evidence.told === undefined)) return;
    this.#askAgentAt = now + ASK_AGENT_EVERY_MS;
    if (!(await this.#hasConnectedAgent())) return;
    this.#agent = await agentWord(this.#domain);
    // Others wait while one is asked that does not answer.
    if (this.#agent === undefined) this.#askAgentAt = now + SILENT_AGENT_MS;
  }

  /** Until ssh answers there, which proves the rest. */
  async #lookAtAddress(): Promise<void> {
    const evidence = this.#evidence('running', undefined);
    if (hasSsh(evidence, this.expected)) return;
    if (!hasAddress(evidence, this.expected)) this.#seen = await this.#seenAddresses();
    const address = this.expected.address ?? this.#seen.find(({ family }) => family === 'ipv4')?.address;
    if (address === undefined) return;
    const withHostKeys = this.expected.hostKeys.length > 0;
    this.#answer = await this.#context.hypervisor.knock(address, {
      withinMs: KNOCK_WITHIN_MS,
      withHostKeys,
    });
  }

  async #seenAddresses(): Promise<readonly SeenAddress[]> {
    const askAgent = await this.#hasConnectedAgent();
    return this.#domain.seenAddresses({ askAgent, withinMs: AGENT_WITHIN_MS });
  }

  async #hasConnectedAgent(): Promise<boolean> {
    if (this.#isConnected !== undefined) return this.#isConnected;
    const { name } = this.#domain;
    const { agent } = readDomain(readDocument({ name, xml: await this.#domain.xml('live') }));
    return (this.#isConnected = agent === 'connected');
  }

  #evidence(state: Evidence['state'], reason: string | undefined): Evidence {
    const told = this.#tail?.facts;
    const neighbour = this.#answer?.neighbour;
    const isStranger = neighbour !== undefined && !this.expected.macs.includes(neighbour);
    return {
      state,
      reason,
      hasStopped: this.#hasStopped,
      hasRun: this.#hasRun,
      told,
      agent: this.#agent,
      seen: this.#seen,
      answer: this.#answer,
      isLocal: this.#context.hypervisor.local !== undefined,
      ages: {
        finished: this.#age('finished', told?.finished !== undefined || this.#agent?.isFinished === true),
        network: this.#age('network', told?.network !== undefined),
        login: this.#age('login', told?.login === true),
        unheard: this.#age('unheard', told === undefined && this.#agent === undefined),
        idle: this.#age('idle', this.#isIdle),
        neighbour: this.#age('neighbour', this.#seen.length > 0 || (neighbour !== undefined && !isStranger)),
        stranger: this.#age('stranger', isStranger),
      },
    };
  }

  #age(what: keyof Ages, isSo: boolean): number {
    if (!isSo) this.#since.delete(what);
    else if (!this.#since.has(what)) this.#since.set(what, performance.now());
    return performance.now() - (this.#since.get(what) ?? performance.now());
  }
}
