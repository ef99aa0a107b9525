import koffi from 'koffi';
import { PlowError } from '../errors/plow-error.ts';
import { installing, managerOf } from '../text/installing.ts';
import type { Packages } from '../text/installing.ts';
import { osRelease } from '../this-machine/distribution.ts';

/** What goes into a C function here. */
export type NativeValue = string | number | bigint | null | Uint8Array;

export interface NativeFunction {
  (...args: readonly NativeValue[]): unknown;
  async(...args: readonly [...NativeValue[], (error: unknown, result: unknown) => void]): void;
}

/** A library of C, and what is used of it. */
export interface LibraryFacts<Name extends string> {
  /** `liblzma.so.5` */
  readonly file: string;
  /** What it is needed for: `unpacks .xz files`. */
  readonly purpose: string;
  readonly packages: Packages;
  readonly prototypes: Readonly<Record<Name, string>>;
}

/** Loads a library with all that is used of it. @throws PlowError (storage) where it is not installed */
export function loadLibrary<Name extends string>({
  file,
  purpose,
  packages,
  prototypes,
}: LibraryFacts<Name>): Readonly<Record<Name, NativeFunction>> {
  try {
    const library = koffi.load(file);
    const functions = Object.entries<string>(prototypes).map(([name, prototype]) => [
      name,
      library.func(prototype),
    ]);
    return Object.fromEntries(functions) as Record<Name, NativeFunction>;
  } catch (cause) {
    throw new PlowError('storage', `cannot load ${file}, which ${purpose}: it is not installed`, {
      hint: `install it: ${installing(packages, managerOf(osRelease()))}`,
      detail: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

/** Calls on a worker thread; the event loop goes on. */
export function callAsync(called: NativeFunction, ...args: readonly NativeValue[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    called.async(...args, (error, result) => {
      if (error === null || error === undefined) resolve(result);
      else
        reject(
          error instanceof Error ? error : new Error('a C function could not be called', { cause: error }),
        );
    });
  });
}

/**
 * Where bytes are in memory. They stay there as long as something holds the array: what is small enough to
 * live in V8's heap, and be moved, has left it by now.
 */
export function addressOf(bytes: Uint8Array): bigint {
  return koffi.address(bytes);
}
