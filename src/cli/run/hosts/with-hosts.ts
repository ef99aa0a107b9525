import { PlowError } from '../../../errors/plow-error.ts';
import type { VmContext } from '../../../vm/context.ts';
import { untilAborted } from '../../../vm/interruption.ts';
import type { Progress } from '../../../vm/progress.ts';
import type { Environment } from '../../environment.ts';
import type { Settings } from '../../settings/settings.ts';
import { withContext } from '../session.ts';
import type { Use } from '../session.ts';
import { roomForHosts } from './each-host.ts';
import { hostName } from './several.ts';

/** One of several hosts, whose connection is open, or is being opened. */
export interface HostAtWork {
  readonly name: string;
  readonly settings: Settings;
  /** @throws PlowError (connection), Interrupted */
  readonly context: Promise<VmContext>;
}

export interface OnHosts {
  /** What plow does when it is interrupted, in words. */
  readonly reaction: string | undefined;
  readonly progress: Progress;
  readonly use?: Use;
}

/**
 * Opens a connection to each host, at the same time, for as long as `work` lasts. An interruption ends none
 * that is open: `work` ends first.
 * @throws whatever `work` throws
 */
export async function withHosts<T>(
  all: readonly Settings[],
  { reaction, progress, use = 'full' }: OnHosts,
  environment: Environment,
  work: (hosts: readonly HostAtWork[], signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, making } = environment.interruptible(reaction);
  const makingAt = sharedMaking(making);
  const openings = roomForHosts();
  const over = untilCalled();
  const closing: Promise<unknown>[] = [];
  const open = (settings: Settings): Promise<VmContext> =>
    new Promise((resolve, reject) => {
      let leave: (() => void) | undefined;
      const hold = async (context: VmContext): Promise<void> => {
        leave?.();
        resolve({ ...context, making: makingAt(settings), settled: () => {} });
        closing.push(connection);
        await over.happens;
      };
      const connection = openings.take().then((given) => {
        leave = given;
        return withContext(settings, environment, reaction, progress, hold, use, true);
      });
      connection.catch((error: unknown) => {
        leave?.();
        reject(error);
      });
    });
  const hosts = all.map((settings): HostAtWork => {
    const context = orInterrupted(open(settings), signal);
    // Whoever works with it is told.
    context.catch(() => undefined);
    return { name: hostName(settings), settings, context };
  });
  try {
    return await work(hosts, signal);
  } finally {
    over.call();
    await Promise.allSettled(closing);
  }
}

/** One that hangs is not waited for any more. */
function orInterrupted<T>(opening: Promise<T>, signal: AbortSignal): Promise<T> {
  const interrupted = untilAborted(signal).then((): never => {
    throw signal.reason;
  });
  interrupted.catch(() => undefined);
  return Promise.race([opening, interrupted]);
}

/** There is something to take back as long as there is on any host. */
function sharedMaking(making: VmContext['making']): (host: Settings) => VmContext['making'] {
  const at = new Set<Settings>();
  return (host) => (isMaking) => {
    if (isMaking) at.add(host);
    else at.delete(host);
    making(at.size > 0);
  };
}

function untilCalled(): { readonly happens: Promise<void>; readonly call: () => void } {
  const calls: (() => void)[] = [];
  const happens = new Promise<void>((resolve) => calls.push(resolve));
  return { happens, call: () => calls.forEach((call) => call()) };
}

/** What goes wrong with a host, and is no bug. @throws whatever else there is */
export function lostWith(name: string, error: unknown): { readonly name: string; readonly error: PlowError } {
  if (!(error instanceof PlowError)) throw error;
  return { name, error };
}
