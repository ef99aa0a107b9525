import { setTimeout as sleep } from 'node:timers/promises';
import type { Bird, RouteFacts } from '../../hypervisor/routes.ts';

/** BIRD takes milliseconds. What hangs keeps nobody waiting longer. */
const WITHIN_MS = 5000;
const LOOK_EVERY_MS = 25;

export const PATIENCE_TEXT = `${WITHIN_MS / 1000} seconds`;

/**
 * Looks at BIRD again and again. @param look what it gives ends that
 * @returns undefined where nothing came in time
 */
export async function awaitBird<T>(
  routes: Pick<RouteFacts, 'bird'>,
  look: (bird: Bird) => T | undefined,
): Promise<T | undefined> {
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const found = look(await routes.bird(deadline - performance.now()));
    if (found !== undefined || performance.now() > deadline) return found;
    await sleep(LOOK_EVERY_MS);
  }
}
