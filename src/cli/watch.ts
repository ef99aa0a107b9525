import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted } from '../errors/interrupted.ts';
import { LiveView } from '../terminal/live-view.ts';
import { explaining } from '../vm/failure.ts';
import type { Hypervisor } from '../vm/hypervisor.ts';
import type { Environment } from './environment.ts';
import { withHypervisor } from './session.ts';
import type { Settings } from './settings.ts';

/** Between two redraws: changes come in bursts. */
const PAUSE_MS = 100;

/**
 * Shows lines, and again whenever something has happened to a domain: no call is made while nothing does. Ends with an
 * interruption, quietly, or when nobody reads any more.
 * @returns the exit code @throws PlowError (connection) when the connection breaks
 */
export async function watch(
  settings: Settings,
  environment: Environment,
  linesOf: (hypervisor: Hypervisor) => Promise<readonly string[]>,
): Promise<number> {
  const { output } = environment;
  const { signal } = environment.interruptible(undefined);
  const view = new LiveView(output, environment);
  const bell = new Bell();
  const leave = environment.onResize(() => bell.ring());
  const interrupted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });
  try {
    await withHypervisor(settings, environment, async (hypervisor) => {
      const watched = await explaining(
        hypervisor.watchDomains(() => bell.ring()),
        'operation',
        'cannot watch the VMs',
      );
      const untilOver = async (): Promise<void> => {
        while (!signal.aborted) {
          view.show(await linesOf(hypervisor));
          await bell.rung();
          await sleep(PAUSE_MS);
        }
      };
      // One that is interrupted waits for no server.
      const over = Promise.race([untilOver(), interrupted, output.lost, watched.broken]);
      await explaining(over, 'operation', 'cannot watch the VMs');
    });
  } finally {
    leave();
    view.stop();
  }
  return signal.reason instanceof Interrupted ? signal.reason.exitCode : 0;
}

/** Remembers one ring until somebody waits for it: what happens during a redraw is not lost. */
class Bell {
  #isRung = false;
  #waiting: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#waiting?.();
  }

  async rung(): Promise<void> {
    if (!this.#isRung) await new Promise<void>((resolve) => (this.#waiting = resolve));
    this.#isRung = false;
  }
}
