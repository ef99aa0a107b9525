import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted } from '../../../errors/interrupted.ts';
import { LiveView } from '../../../terminal/live-view.ts';
import type { Frame } from '../../../terminal/live-view.ts';
import { Bell } from '../../../vm/lifecycle/bell.ts';
import { watchVms } from '../../../vm/list/watch-vms.ts';
import type { Hypervisor } from '../../../hypervisor/hypervisor.ts';
import type { Environment } from '../../environment.ts';
import { withHypervisor } from '../../run/session.ts';
import type { Use } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** Between two redraws: changes come in bursts. */
const PAUSE_MS = 100;

type FrameOf = (hypervisor: Hypervisor) => Promise<Frame>;

/**
 * Shows lines, and again whenever something has happened to a domain: no call is made while nothing does.
 * Ends with an interruption, quietly, or when nobody reads any more.
 * @param isForPrograms an interruption is thrown, so that there is a document about it
 * @returns the exit code @throws PlowError (connection) when the connection breaks; Interrupted
 */
export function watch(
  settings: Settings,
  environment: Environment,
  frameOf: FrameOf,
  isForPrograms = false,
  use: Use = 'full',
): Promise<number> {
  const { output } = environment;
  // A trace between the lines of a view would garble both.
  const isLive = output.interactive && !settings.verbose;
  return withHypervisor(
    settings,
    environment,
    async (hypervisor) => {
      const { signal } = environment.interruptible(undefined);
      const view = new LiveView(output, environment, isLive);
      const bell = new Bell();
      const letGo = isLive
        ? environment.holdTerminal(
            () => view.stop(),
            () => bell.ring(),
          )
        : undefined;
      const over = new AbortController();
      const redrawing = redraw({ hypervisor, frameOf, view, bell, over: over.signal });
      const interrupted = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
      });
      try {
        // One that is interrupted waits for no server.
        await Promise.race([redrawing, interrupted, output.lost]);
      } finally {
        over.abort();
        view.stop();
        letGo?.();
      }
      if (isForPrograms) signal.throwIfAborted();
      return signal.reason instanceof Interrupted ? signal.reason.exitCode : 0;
    },
    use,
  );
}

interface Redrawing {
  readonly hypervisor: Hypervisor;
  readonly frameOf: FrameOf;
  readonly view: LiveView;
  readonly bell: Bell;
  /** Aborted when nothing is to be drawn any more. */
  readonly over: AbortSignal;
}

/**
 * One look at a time, and one more after whatever happens during it.
 * @throws PlowError (connection) when the connection breaks
 */
async function redraw({ hypervisor, frameOf, view, bell, over }: Redrawing): Promise<void> {
  using events = await watchVms(hypervisor);
  const ringing = async (): Promise<void> => {
    for await (const _ of events) bell.ring();
  };
  const looking = async (): Promise<void> => {
    for (;;) {
      const frame = await frameOf(hypervisor);
      if (over.aborted) return;
      view.show(frame);
      await bell.rung();
      await sleep(PAUSE_MS);
    }
  };
  await Promise.race([looking(), ringing()]);
}
