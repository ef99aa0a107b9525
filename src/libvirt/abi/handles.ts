import { FREE_FUNCTION } from './functions.ts';
import type { Freeable } from './functions.ts';
import { callLocal } from './native.ts';
import type { NativeValue, Pointer } from './native.ts';

/** The objects that a connection has from libvirt, each to be freed once, and not while a call has it. */
export class Handles {
  readonly #types = new Map<bigint, Freeable>();
  /** How many calls under way have an object among their arguments. */
  readonly #uses = new Map<bigint, number>();
  readonly #unwanted = new Set<bigint>();

  adopt<T extends Freeable>(type: T, pointer: Pointer<T>): Pointer<T> {
    this.#types.set(pointer, type);
    return pointer;
  }

  /** At once, or when the last call that has it ends. */
  free(pointer: bigint): void {
    const type = this.#types.get(pointer);
    if (type === undefined) return;
    if (this.#uses.has(pointer)) {
      this.#unwanted.add(pointer);
      return;
    }
    this.#types.delete(pointer);
    callLocal(FREE_FUNCTION[type], pointer);
  }

  freeAll(): void {
    for (const pointer of this.#types.keys()) this.free(pointer);
  }

  /** Marks the objects among a call's arguments as in use. @returns what ends that */
  use(args: readonly NativeValue[]): () => void {
    const used = args.filter((arg): arg is bigint => typeof arg === 'bigint' && this.#types.has(arg));
    for (const pointer of used) this.#uses.set(pointer, (this.#uses.get(pointer) ?? 0) + 1);
    return () => {
      for (const pointer of used) this.#release(pointer);
    };
  }

  #release(pointer: bigint): void {
    const uses = (this.#uses.get(pointer) ?? 1) - 1;
    if (uses > 0) {
      this.#uses.set(pointer, uses);
      return;
    }
    this.#uses.delete(pointer);
    if (this.#unwanted.delete(pointer)) this.free(pointer);
  }
}
