import { callAsync, callLocal } from '../abi/native.ts';
import type { Pointer } from '../abi/native.ts';
import { useEventLoop } from './event-loop.ts';
import { KEEPALIVE } from './timeouts.ts';
import { timing } from './stopwatch.ts';
import type { CallObserver } from './stopwatch.ts';
import { capturingOpenError } from '../abi/error.ts';

export interface Opened {
  readonly pointer: Pointer<'virConnect'>;
  /** To be called when it is closed. */
  readonly leaveEventLoop: () => void;
}

/** Connects, with keepalive. @throws HypervisorError; PlowError (connection) where libvirt.so.0 is missing */
export async function open(
  uri: string,
  { observe, isReadOnly = false }: { observe?: CallObserver | undefined; isReadOnly?: boolean },
): Promise<Opened> {
  const name = isReadOnly ? 'virConnectOpenReadOnly' : 'virConnectOpen';
  const ended = timing(observe, name, []);
  const leaveEventLoop = useEventLoop();
  try {
    const opened = await capturingOpenError(name, () => callAsync(name, uri));
    ended();
    const pointer = opened as Pointer<'virConnect'>;
    // Drivers without a server refuse it, and need none.
    callLocal('virConnectSetKeepAlive', pointer, KEEPALIVE.seconds, KEEPALIVE.count);
    return { pointer, leaveEventLoop };
  } catch (error) {
    leaveEventLoop();
    throw error;
  }
}
