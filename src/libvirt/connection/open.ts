import { callAsync, callLocal } from '../abi/native.ts';
import type { Pointer } from '../abi/native.ts';
import { useEventLoop } from './event-loop.ts';
import { isUsualSocketUri } from '../uri.ts';
import { Distance } from './line/distance.ts';
import { timing } from './stopwatch.ts';
import type { CallObserver } from './stopwatch.ts';
import { amongOthers, capturingOpenError, keepErrorsOf } from '../abi/error.ts';

export interface OpenOptions {
  readonly observe?: CallObserver | undefined;
  readonly isReadOnly?: boolean;
  /** Others are opened at the same time. */
  readonly isOneOfMany?: boolean;
}

export interface Opened {
  readonly pointer: Pointer<'virConnect'>;
  /** To be called when it is closed. */
  readonly leaveEventLoop: () => void;
  readonly distance: Distance;
}

/**
 * Connects, with keepalive.
 * @throws HypervisorError; Untold for one of many; PlowError (connection) where libvirt.so.0 is missing
 */
export async function open(
  uri: string,
  { observe, isReadOnly = false, isOneOfMany = false }: OpenOptions,
): Promise<Opened> {
  const name = isReadOnly ? 'virConnectOpenReadOnly' : 'virConnectOpen';
  const ended = timing(observe, name, []);
  const leaveEventLoop = useEventLoop();
  const took = isUsualSocketUri(uri) ? () => 0 : openTime();
  try {
    const opened = await (isOneOfMany
      ? amongOthers(() => callAsync(name, uri))
      : capturingOpenError(name, () => callAsync(name, uri)));
    ended();
    const pointer = opened as Pointer<'virConnect'>;
    keepErrorsOf(pointer);
    const distance = new Distance(took(), ({ seconds, count }) => {
      // Drivers without a server refuse it, and need none.
      callLocal('virConnectSetKeepAlive', pointer, seconds, count);
    });
    return { pointer, leaveEventLoop, distance };
  } catch (error) {
    leaveEventLoop();
    throw error;
  }
}

/** Runs only where it is not known: node loads its clock with the first look at it. */
function openTime(): () => number {
  const begun = performance.now();
  return () => performance.now() - begun;
}
