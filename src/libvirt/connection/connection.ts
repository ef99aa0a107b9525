import { isReason } from '../../errors/hypervisor-error.ts';
import type { HypervisorError } from '../../errors/hypervisor-error.ts';
import { withoutPassword } from '../../text/secrets.ts';
import { callAsync, callLocal } from '../abi/native.ts';
import type { NativeValue, Pointer } from '../abi/native.ts';
import type { Freeable, FunctionName } from '../abi/functions.ts';
import { onTurn } from './event-loop.ts';
import { Handles } from '../abi/handles.ts';
import { Lifeline } from './line/lifeline.ts';
import { mayOverlap, OVERLAP } from './concurrency.ts';
import { Beside } from './overlap/beside.ts';
import { askGuest, askGuests } from './overlap/guests.ts';
import type { GuestWays } from './overlap/guests.ts';
import { makeCall } from './make-call.ts';
import { open } from './open.ts';
import { overlapping } from './overlap/overlapping.ts';
import type { Ways } from './overlap/overlapping.ts';
import type { Opened, OpenOptions } from './open.ts';
import { failed, failedIn } from './calls.ts';
import type { Asked, Call, GuestQuestion, Take } from './calls.ts';
import { Turns } from './overlap/turns.ts';
import { UnderWay } from './under-way.ts';
import { takeErrorOf } from '../abi/error.ts';

export interface ConnectionOptions extends OpenOptions {
  /** Of OVERLAP. */
  readonly overlap?: number;
}

/** After a break most calls in flight end at once; some libvirt never ends. */
const CLOSE_MS = 600;

/**
 * One virConnect. Calls run one at a time in the order they were asked for, so that the error libvirt keeps
 * for the connection is that of the call that failed. Batches overlap calls, and on a line to elsewhere so do
 * those that may be asked twice.
 */
export class Connection {
  readonly #pointer: Pointer<'virConnect'>;
  readonly #handles = new Handles();
  readonly #leaveEventLoop: () => void;
  readonly #line: Lifeline;
  readonly #stopLooking: () => void;
  readonly #turns = new Turns();
  readonly #beside: Beside;
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
    this.#leaveEventLoop = leaveEventLoop;
    this.#line = new Lifeline({
      uri,
      isAlive: () => callLocal('virConnectIsAlive', pointer) === 1,
      lastError: (name) => takeErrorOf(pointer, name, uri),
      distance,
    });
    this.#ways = { observe, overlap, line: this.#line, handles: this.#handles, underWay: this.#underWay };
    this.#beside = new Beside(overlap);
    this.#stopLooking = onTurn(() => this.#line.look());
  }

  /** @throws HypervisorError; PlowError (connection) where libvirt.so.0 is missing */
  static async open(uri: string, options: ConnectionOptions = {}): Promise<Connection> {
    return new Connection(await open(uri, options), withoutPassword(uri), options);
  }

  /** The line is to elsewhere: each answer is waited for so long that others should be meanwhile. */
  get isFar(): boolean {
    return this.#ways.overlap === OVERLAP.far;
  }

  get pointer(): Pointer<'virConnect'> {
    return this.#pointer;
  }

  /** Rejected with a HypervisorError (disconnected) when the line to the server breaks. */
  get broken(): Promise<never> {
    return this.#line.broken;
  }

  /**
   * Calls a C function after all earlier ones, or beside those of them that overlap as well; then it is
   * called again, alone, where it failed and the error may be that of another.
   * @throws HypervisorError
   */
  call(name: FunctionName, ...args: readonly NativeValue[]): Promise<unknown> {
    return this.#call({ name, args });
  }

  /**
   * As `call`. @param take what was given, if that comes when nobody waits for it any more: where the line
   * broke meanwhile
   */
  callTaking(take: Take, name: FunctionName, ...args: readonly NativeValue[]): Promise<unknown> {
    return this.#call({ name, args, take });
  }

  #call(asked: Asked): Promise<unknown> {
    const { name } = asked;
    if (!this.isFar || !mayOverlap(name)) return this.#inTurn(name, () => this.#run(asked));
    // Also on a connection that closes meanwhile: it was asked for before.
    const again = (): Promise<unknown> => this.#turns.alone(() => this.#onLine(() => this.#run(asked)));
    return this.#beside.twice(this.#once(asked), again);
  }

  /** As `call`, and never again. @throws HypervisorError, Doubtful */
  callOnce(name: FunctionName, ...args: readonly NativeValue[]): Promise<unknown> {
    return this.isFar ? this.#once({ name, args }) : this.callAlone(name, ...args);
  }

  /** As `call`, but beside no other. @throws HypervisorError */
  callAlone(name: FunctionName, ...args: readonly NativeValue[]): Promise<unknown> {
    return this.#inTurn(name, () => this.#run({ name, args }));
  }

  /**
   * As `call`, for one that may wait in vain for a guest: after that time it fails with reason `busy`, and
   * the calls after it run beside it.
   */
  callWithin(milliseconds: number, name: FunctionName, ...args: readonly NativeValue[]): Promise<unknown> {
    return askGuest(milliseconds, name, args, this.#guestWays(name));
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
    const take = (object: unknown): Pointer<T> => this.adopt(type, object as Pointer<T>);
    return take(await this.callTaking(take, name, ...args));
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
    const calls = questions.map((args): Call => [name, ...args]);
    return this.callEach(name, calls);
  }

  /** As callBatch, for different questions. @param name of the call that is waited for the longest */
  async callEach(name: FunctionName, calls: readonly Call[]): Promise<readonly unknown[]> {
    const ask = async (): Promise<readonly unknown[]> => {
      const answers = await this.#beside.ofBatch(() => overlapping(name, calls, this.#ways));
      if (answers.some(failed)) this.#line.checkAfter(name);
      return answers;
    };
    const answers = await this.#inTurn(name, ask, this.isFar ? 'beside' : 'alone');
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
    return askGuests(milliseconds, name, questions, this.#guestWays(name));
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
    await this.#beside.ended();
    await this.#turns.ended();
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

  /** Runs `work` after all that was asked for before, or beside those that overlap too. */
  #inTurn<T>(name: FunctionName, work: () => Promise<T>, how: 'alone' | 'beside' = 'alone'): Promise<T> {
    if (this.#closing !== undefined)
      return Promise.reject(new Error(`${name} was called on a closed connection`));
    return this.#turns[how](() => this.#onLine(work));
  }

  /** @throws HypervisorError that the line broke with */
  #onLine<T>(work: () => Promise<T>): Promise<T> {
    this.#line.check();
    return work();
  }

  #once(asked: Asked): Promise<unknown> {
    const { name } = asked;
    return this.#beside.once(name, {
      ask: () => makeCall(asked, this.#ways),
      read: () => this.#line.errorOf(name),
      inTurn: (work) => this.#inTurn(name, work, 'beside'),
    });
  }

  #guestWays(name: FunctionName): GuestWays {
    return {
      ask: (args) => {
        callLocal('virConnResetLastError', this.#pointer);
        return this.#beside.ofGuest(() => makeCall({ name, args }, this.#ways, false));
      },
      inTurn: (work) => this.#inTurn(name, work),
      read: () => this.#line.errorOf(name),
      check: () => this.#line.checkAfter(name),
    };
  }

  async #run(asked: Asked): Promise<unknown> {
    callLocal('virConnResetLastError', this.#pointer);
    const result = await makeCall(asked, this.#ways);
    if (failedIn(asked.name, result)) throw this.#line.errorOf(asked.name);
    return result;
  }
}
