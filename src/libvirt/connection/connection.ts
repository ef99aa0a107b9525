import { isReason } from '../../errors/hypervisor-error.ts';
import type { HypervisorError } from '../../errors/hypervisor-error.ts';
import { withoutPassword } from '../../text/secrets.ts';
import { callAsync, callLocal } from '../abi/native.ts';
import type { NativeValue, Pointer } from '../abi/native.ts';
import type { Freeable, FunctionName } from '../abi/functions.ts';
import { withDeadline } from './line/deadline.ts';
import { onTurn } from './event-loop.ts';
import { Handles } from '../abi/handles.ts';
import { Lifeline } from './line/lifeline.ts';
import { MOST_GUESTS_ASKED, OVERLAP } from './concurrency.ts';
import { enterGuests } from './call-budget.ts';
import { notInTime, UNBOUNDED } from './line/timeouts.ts';
import { open } from './open.ts';
import { overlapping } from './overlapping.ts';
import type { Ways } from './overlapping.ts';
import type { Opened, OpenOptions } from './open.ts';
import type { Call, GuestQuestion } from './calls.ts';
import { timing } from './stopwatch.ts';
import type { CallObserver } from './stopwatch.ts';
import { UnderWay } from './under-way.ts';
import { lastErrorOf } from '../abi/error.ts';

export interface ConnectionOptions extends OpenOptions {
  /** Of OVERLAP. */
  readonly overlap?: number;
}

/** After a break most calls in flight end at once; some libvirt never ends. */
const CLOSE_MS = 600;

/** A failed call returns NULL, or a negative number. */
function failed(result: unknown): boolean {
  return result === null || (typeof result === 'number' && result < 0);
}

/**
 * One virConnect. Calls run one at a time in the order they were asked for, so that the error
 * libvirt keeps for the connection is that of the call that failed. Only `callBatch` overlaps calls.
 */
export class Connection {
  readonly #pointer: Pointer<'virConnect'>;
  readonly #observe: CallObserver | undefined;
  readonly #handles = new Handles();
  readonly #leaveEventLoop: () => void;
  readonly #line: Lifeline;
  readonly #stopLooking: () => void;
  #tail: Promise<unknown> = Promise.resolve();
  readonly #underWay = new UnderWay();
  readonly #ways: Ways;
  #closing: Promise<number | undefined> | undefined;
  readonly #beforeClose: (() => Promise<unknown>)[] = [];

  private constructor(
    { pointer, leaveEventLoop, distance }: Opened,
    uri: string,
    { observe, overlap = OVERLAP.near }: ConnectionOptions,
  ) {
    this.#pointer = pointer;
    this.#observe = observe;
    this.#leaveEventLoop = leaveEventLoop;
    this.#line = new Lifeline({
      uri,
      isAlive: () => callLocal('virConnectIsAlive', pointer) === 1,
      lastError: (name) => lastErrorOf(pointer, name, uri),
      distance,
    });
    this.#ways = { observe, overlap, line: this.#line, handles: this.#handles, underWay: this.#underWay };
    this.#stopLooking = onTurn(() => this.#line.look());
  }

  /** @throws HypervisorError; PlowError (connection) where libvirt.so.0 is missing */
  static async open(uri: string, options: ConnectionOptions = {}): Promise<Connection> {
    return new Connection(await open(uri, options), withoutPassword(uri), options);
  }

  get pointer(): Pointer<'virConnect'> {
    return this.#pointer;
  }

  /** Rejected with a HypervisorError (disconnected) when the line to the server breaks. */
  get broken(): Promise<never> {
    return this.#line.broken;
  }

  /** Calls a C function after all earlier ones. @throws HypervisorError */
  call(name: FunctionName, ...args: readonly NativeValue[]): Promise<unknown> {
    return this.#inTurn(name, () => this.#run(name, args));
  }

  /**
   * As `call`, for one that may wait in vain for a guest: after that time it fails with reason `busy`, and
   * the calls after it run beside it.
   */
  callWithin(milliseconds: number, name: FunctionName, ...args: readonly NativeValue[]): Promise<unknown> {
    const late = (): HypervisorError => notInTime(name, milliseconds, 'busy');
    return this.#inTurn(name, () => withDeadline(this.#run(name, args, false), milliseconds, late));
  }

  async callNumber(name: FunctionName, ...args: readonly NativeValue[]): Promise<number> {
    return (await this.call(name, ...args)) as number;
  }

  async callString(name: FunctionName, ...args: readonly NativeValue[]): Promise<string> {
    return (await this.call(name, ...args)) as string;
  }

  /** A call whose result is an object; it lives until `free` or `close`. */
  async callObject<T extends Freeable>(
    type: T,
    name: FunctionName,
    ...args: readonly NativeValue[]
  ): Promise<Pointer<T>> {
    return this.adopt(type, (await this.call(name, ...args)) as Pointer<T>);
  }

  /** As callObject; undefined where there is no such object. */
  async findObject<T extends Freeable>(
    type: T,
    name: FunctionName,
    ...args: readonly NativeValue[]
  ): Promise<Pointer<T> | undefined> {
    try {
      return await this.callObject(type, name, ...args);
    } catch (error) {
      if (isReason(error, 'not-found')) return undefined;
      throw error;
    }
  }

  adopt<T extends Freeable>(type: T, pointer: Pointer<T>): Pointer<T> {
    return this.#handles.adopt(type, pointer);
  }

  /** At once, or when its last use ends. Local. */
  free(pointer: Pointer<Freeable>): void {
    this.#handles.free(pointer);
  }

  /** Has an object live on until what this gives is called, once. */
  use(pointer: Pointer<Freeable>): () => void {
    return this.#handles.use([pointer]);
  }

  /**
   * The same question about many objects, sent without waiting for each answer: the time of about one
   * round trip for all. A question that fails is answered by undefined. @throws HypervisorError when the
   * connection broke
   */
  async callBatch(
    name: FunctionName,
    questions: readonly (readonly NativeValue[])[],
  ): Promise<readonly unknown[]> {
    return this.callEach(
      name,
      questions.map((args): Call => [name, ...args]),
    );
  }

  /** As callBatch, for different questions. @param name of the call that is waited for the longest */
  async callEach(name: FunctionName, calls: readonly Call[]): Promise<readonly unknown[]> {
    const answers = await this.#inTurn(name, () => {
      callLocal('virConnResetLastError', this.#pointer);
      return overlapping(name, calls, this.#ways);
    });
    if (answers.some(failed)) this.#line.checkAfter(name);
    return answers.map((answer) => (failed(answer) ? undefined : answer));
  }

  /**
   * As callBatch, for questions that may wait in vain for a guest: few are under way at once, and what is not
   * answered in time is answered by undefined. The calls after it run beside those that still wait. @throws
   * HypervisorError when the connection broke
   */
  async callBatchWithin<T>(
    milliseconds: number,
    name: FunctionName,
    questions: readonly GuestQuestion<T>[],
  ): Promise<readonly (T | undefined)[]> {
    const answers = questions.map((): T | undefined => undefined);
    const waiting = questions.entries();
    let isOver = false;
    let hasFailed = false;
    const turns = enterGuests();
    const ask = async (): Promise<void> => {
      for (const [index, { args, begun, ended }] of waiting) {
        await turns.begin();
        try {
          if (isOver) return;
          begun();
          const answer = await this.#timed(name, args, false);
          hasFailed ||= failed(answer);
          answers[index] = ended(failed(answer) ? undefined : answer);
        } finally {
          turns.end();
        }
      }
    };
    const asking = (): Promise<unknown> => {
      callLocal('virConnResetLastError', this.#pointer);
      return Promise.all(Array.from({ length: MOST_GUESTS_ASKED }, ask));
    };
    const late = (): HypervisorError => notInTime(name, milliseconds, 'busy');
    try {
      await this.#inTurn(name, () => withDeadline(asking(), milliseconds, late));
    } catch (error) {
      if (!isReason(error, 'busy')) throw error;
    } finally {
      isOver = true;
      turns.leave();
    }
    if (hasFailed) this.#line.checkAfter(name);
    return [...answers];
  }

  /** The error of a call that somebody made on this thread. */
  errorOf(name: FunctionName): HypervisorError {
    return this.#line.errorOf(name);
  }

  /** Has `work` done when all calls have ended, before the connection closes. */
  beforeClose(work: () => Promise<unknown>): void {
    this.#beforeClose.push(work);
  }

  /**
   * Frees every object and closes, once nothing uses them any more: also a call that was given up does until
   * it ends. @returns references that libvirt still counts: 0 unless something leaked. Undefined on a line
   * that broke where libvirt does not end what was in flight: that is closed when it ends, if ever
   */
  close(): Promise<number | undefined> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<number | undefined> {
    await this.#tail;
    const abandoned = this.#line.broken.catch(
      () => new Promise<undefined>((resolve) => setTimeout(resolve, CLOSE_MS, undefined)),
    );
    return Promise.race([this.#end(), abandoned]);
  }

  async #end(): Promise<number> {
    await this.#underWay.ended();
    // What the last call gave is adopted, and lists are freed, by continuations: let them run.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    await Promise.all(this.#beforeClose.map((work) => work()));
    this.#handles.freeAll();
    this.#stopLooking();
    this.#line.end();
    const references = (await callAsync('virConnectClose', this.#pointer)) as number;
    this.#leaveEventLoop();
    return references;
  }

  /** Runs `work` after all that was asked for before. */
  #inTurn<T>(name: FunctionName, work: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined)
      return Promise.reject(new Error(`${name} was called on a closed connection`));
    const turn = this.#tail.then(() => {
      this.#line.check();
      return work();
    });
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  async #run(name: FunctionName, args: readonly NativeValue[], isBounded?: boolean): Promise<unknown> {
    callLocal('virConnResetLastError', this.#pointer);
    const result = await this.#timed(name, args, isBounded);
    if (failed(result)) throw this.#line.errorOf(name);
    return result;
  }

  /**
   * @param isBounded false for one with a deadline of its own: a guest that never answers is no server that
   * hangs
   */
  async #timed(
    name: FunctionName,
    args: readonly NativeValue[],
    isBounded = !UNBOUNDED.test(name),
  ): Promise<unknown> {
    const ended = timing(this.#observe, name, args);
    const release = this.#handles.use(args);
    const calling = callAsync(name, ...args).finally(release);
    this.#underWay.add(calling, args);
    const held = this.#line.hold(name, calling);
    const result = await (isBounded ? this.#line.inTime(name, held) : held);
    ended();
    return result;
  }
}
