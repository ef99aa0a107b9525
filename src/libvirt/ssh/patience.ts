import { sshChildren } from '../../this-machine/ssh-children.ts';
import { withWatchdog } from '../connection/line/deadline.ts';

/** How long nothing may come over ssh before it counts as silent. */
const SILENCE_MS = 8000;
/** A server of ssh may answer for ever for a libvirt that does not. */
const MOST_MS = 60_000;
const LOOK_EVERY_MS = 400;

let asked = false;

/** Whether any ssh of this process has asked a person something. */
export function hasAsked(): boolean {
  return asked;
}

/**
 * Waits for an open over ssh: as long as something comes, or ssh asks something, which takes a person as long
 * as it takes. @throws what `late` makes when ssh is silent; the open goes on unseen
 */
export function whileSshWorks<T>(opening: Promise<T>, late: () => Error): Promise<T> {
  return withWatchdog(
    async (isAlive) => {
      let before = '';
      let spentMs = 0;
      const timer = setInterval(() => {
        const children = sshChildren();
        const asks = children.some((child) => child.asks);
        asked ||= asks;
        const now = children.map(({ pid, readBytes }) => `${pid} ${readBytes}`).join();
        if (!asks) spentMs += LOOK_EVERY_MS;
        if (asks || (now !== before && spentMs < MOST_MS)) isAlive();
        before = now;
      }, LOOK_EVERY_MS);
      try {
        return await opening;
      } finally {
        clearInterval(timer);
      }
    },
    SILENCE_MS,
    late,
  );
}
