import type { Freeable, FunctionName } from '../abi/functions.ts';
import type { NativeValue, Pointer } from '../abi/native.ts';
import type { Connection } from './connection.ts';

/** An object of libvirt that somebody has, until they dispose of it or its connection closes. */
export class Handle<T extends Freeable> implements Disposable {
  protected readonly connection: Connection;
  readonly #pointer: Pointer<T>;
  /** Its address may be that of another object by then. */
  #isReleased = false;

  constructor(connection: Connection, pointer: Pointer<T>) {
    this.connection = connection;
    this.#pointer = pointer;
  }

  /** Does `work` with the object, which lives until that has ended. */
  async use<R>(work: (pointer: Pointer<T>) => Promise<R>): Promise<R> {
    const ended = this.connection.use(this.#living());
    try {
      return await work(this.#pointer);
    } finally {
      ended();
    }
  }

  /** As `use`, of work whose results come piece by piece. */
  protected async *useForEach<R>(
    work: (pointer: Pointer<T>) => AsyncGenerator<R, void>,
  ): AsyncGenerator<R, void> {
    const ended = this.connection.use(this.#living());
    try {
      yield* work(this.#pointer);
    } finally {
      ended();
    }
  }

  #living(): Pointer<T> {
    if (this.#isReleased) throw new Error('an object of libvirt was used after it was released');
    return this.#pointer;
  }

  /** Calls a function whose first argument is the object. @throws HypervisorError */
  protected call(name: FunctionName, ...args: readonly NativeValue[]): Promise<unknown> {
    return this.use((pointer) => this.connection.call(name, pointer, ...args));
  }

  protected async callNumber(name: FunctionName, ...args: readonly NativeValue[]): Promise<number> {
    return (await this.call(name, ...args)) as number;
  }

  protected async callString(name: FunctionName, ...args: readonly NativeValue[]): Promise<string> {
    return (await this.call(name, ...args)) as string;
  }

  /** Local. What is under way with the object goes on. */
  [Symbol.dispose](): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.connection.free(this.#pointer);
  }
}
