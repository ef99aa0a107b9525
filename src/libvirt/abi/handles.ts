import { FREE_FUNCTION } from './functions.ts';
import type { Freeable } from './functions.ts';
import { callLocal } from './native.ts';
import type { NativeValue, Pointer } from './native.ts';

/** The objects that a connection has from libvirt, each to be freed once, and not while it is in use. */
export class Handles {
  readonly #types = new Map<bigint, Freeable>();
  /** How many calls under way, and methods that make several, have an object. */
  readonly #uses = new Map<bigint, number>();
  readonly #unwanted = new Set<bigint>();

  adopt<T extends Freeable>(type: T, pointer: Pointer<T>): Pointer<T> {
    this.#types.set(pointer, type);
    return pointer;
  }

  /** At once, or when its last use ends. */
  free(pointer: bigint): void {
    const type = this.#types.get(pointer);
    if (type === undefined) return;
    if (this.#uses.has(pointer)) this.#unwanted.add(pointer);
    else this.#drop(pointer, type);
  }

  /** Once no call is under way. */
  freeAll(): void {
    this.#uses.clear();
    for (const pointer of this.#types.keys()) this.free(pointer);
  }

  /** Marks the objects among a call's arguments as in use. @returns what ends that, once */
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
    const type = this.#types.get(pointer);
    if (this.#unwanted.delete(pointer) && type !== undefined) this.#drop(pointer, type);
  }

  #drop(pointer: bigint, type: Freeable): void {
    this.#types.delete(pointer);
    callLocal(FREE_FUNCTION[type], pointer);
  }
}
