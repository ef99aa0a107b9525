import koffi from 'koffi';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { installing, managerOf } from '../../text/installing.ts';
import type { Packages } from '../../text/installing.ts';
import { osRelease } from '../../this-machine/distribution.ts';
import { OBJECT_TYPES, PROTOTYPES } from './functions.ts';
import type { FunctionName, ObjectType } from './functions.ts';

const CLIENT_LIBRARY: Packages = { apt: 'libvirt0', dnf: 'libvirt-libs', zypper: 'libvirt-libs' };

declare const objectType: unique symbol;

/**
 * Pointer to an object of libvirt, branded so that tsc keeps the kinds apart (koffi cannot: it is a bigint).
 */
export type Pointer<T extends ObjectType> = bigint & { readonly [objectType]: T };

/** What goes into and comes out of a C function. */
export type NativeValue = string | number | bigint | null | Uint8Array | unknown[] | object;

interface NativeFunction {
  (...args: readonly NativeValue[]): unknown;
  async(...args: readonly [...NativeValue[], (error: unknown, result: unknown) => void]): void;
}

type Library = ReturnType<typeof koffi.load>;

let library: Library | undefined;
const functions = new Map<FunctionName, NativeFunction>();

/** Loads libvirt.so.0 once. @throws PlowError (connection) where it is not installed */
function loadLibrary(): Library {
  if (library !== undefined) return library;
  try {
    library = koffi.load('libvirt.so.0');
  } catch (cause) {
    throw new PlowError(
      'connection',
      'cannot load libvirt.so.0: the libvirt client library is not installed',
      {
        hint: `install it: ${installing(CLIENT_LIBRARY, managerOf(osRelease()))}`,
        detail: cause instanceof Error ? cause.message : String(cause),
        cause,
      },
    );
  }
  for (const type of OBJECT_TYPES) koffi.opaque(type);
  return library;
}

/**
 * What is only QEMU's is in a library beside it, of the same package.
 * @throws HypervisorError (unsupported)
 */
function loadForQemu(name: FunctionName): Library {
  // It knows the types of the objects.
  loadLibrary();
  try {
    return koffi.load('libvirt-qemu.so.0');
  } catch {
    throw new HypervisorError('cannot load libvirt-qemu.so.0', {
      reason: 'unsupported',
      call: name,
      // VIR_ERR_NO_SUPPORT of VIR_FROM_NONE.
      code: 3,
      domain: 0,
    });
  }
}

/**
 * Declares a function when it is first used (50 microseconds each), so that a libvirt
 * without a newer symbol still serves everything else.
 */
function nativeFunction(name: FunctionName): NativeFunction {
  let found = functions.get(name);
  if (found === undefined) {
    const from = name.startsWith('virDomainQemu') ? loadForQemu(name) : loadLibrary();
    found = from.func(PROTOTYPES[name]) as NativeFunction;
    functions.set(name, found);
  }
  return found;
}

/** Calls on this thread: only for functions that make no round trip. */
export function callLocal(name: FunctionName, ...args: readonly NativeValue[]): unknown {
  return nativeFunction(name)(...args);
}

/** Calls on a worker thread; the event loop goes on. */
export function callAsync(name: FunctionName, ...args: readonly NativeValue[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    nativeFunction(name).async(...args, (error, result) => {
      if (error === null || error === undefined) resolve(result);
      else
        reject(error instanceof Error ? error : new Error(`${name} could not be called`, { cause: error }));
    });
  });
}

/** Address of a C function, to hand it to another C function. */
export function functionAddress(name: 'virCopyLastError' | 'virResetError' | 'abs' | 'time'): bigint {
  return loadLibrary().symbol(name) as bigint;
}

/**
 * Ends the process without waiting for worker threads: node's own exit joins them, and one that
 * waits inside libvirt for a stuck server would keep the process alive for ever.
 */
export function exitNow(code: number): void {
  const exit = koffi.load(null).func('void _exit(int)') as NativeFunction;
  exit(code);
}
