import { setTimeout as sleep } from 'node:timers/promises';
import { PlowError } from '../../../errors/plow-error.ts';
import type { Look } from '../../../vm/top/look.ts';
import { lookAt } from '../../../vm/top/look.ts';
import { ratesOf } from '../../../vm/top/rates.ts';
import type { TopRow } from '../../../vm/top/rates.ts';
import type { Environment } from '../../environment.ts';
import { hostName } from '../../run/hosts/several.ts';
import { withHypervisor } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** Before a hypervisor that did not answer is asked again: twice as long each time. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** A hypervisor that is looked at again and again. */
export interface Followed {
  readonly name: string;
  readonly settings: Settings;
  /** The last two looks. */
  looks: readonly Look[];
  hasAnswered: boolean;
  /** Why there is none, or none any more. */
  error: PlowError | undefined;
}

export function followedOf(settings: Settings): Followed {
  return { name: hostName(settings), settings, looks: [], hasAnswered: false, error: undefined };
}

/** What its VMs did between the last two looks. */
export function rowsOf({ looks, settings }: Followed): readonly TopRow[] {
  const now = looks.at(-1);
  return now === undefined
    ? []
    : ratesOf(looks.at(-2), now, settings.isOfSeveral ? settings.host : undefined);
}

export interface Following {
  readonly environment: Environment;
  readonly intervalMs: number;
  /** Aborted when nobody looks any more. */
  readonly over: AbortSignal;
  /** Has the pause between two looks end. */
  readonly hurry: () => AbortSignal;
  /** Whether a failure ends it all. */
  readonly isFatal: () => boolean;
  /** Called after each look, and where one failed. */
  readonly heard: (one: Followed) => void;
}

/**
 * Looks at a hypervisor until that is over, and connects anew where a connection breaks.
 * @throws PlowError one that is fatal
 */
export async function follow(one: Followed, following: Following): Promise<void> {
  const { over, heard } = following;
  for (let pauseMs = FIRST_PAUSE_MS; !over.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      await followOnce(one, following, () => (pauseMs = FIRST_PAUSE_MS));
    } catch (error) {
      if (!(error instanceof PlowError) || following.isFatal()) throw error;
      one.looks = [];
      one.error = error;
      heard(one);
      await pause(pauseMs, [over]);
    }
  }
}

/** @param seen called once it has answered @throws PlowError where the connection breaks */
function followOnce(one: Followed, following: Following, seen: () => void): Promise<void> {
  const { environment, intervalMs, over, hurry, heard } = following;
  return withHypervisor(
    one.settings,
    environment,
    async (hypervisor) => {
      while (!over.aborted) {
        const look = await lookAt(hypervisor, () => performance.now());
        if (over.aborted) return;
        one.looks = [...one.looks.slice(-1), look];
        one.error = undefined;
        one.hasAnswered = true;
        seen();
        heard(one);
        await pause(intervalMs, [over, hurry()]);
      }
    },
    { lacks: undefined },
    one.settings.isOfSeveral,
  );
}

/** Shorter where one of the signals comes. */
export async function pause(milliseconds: number, signals: readonly AbortSignal[]): Promise<void> {
  await sleep(milliseconds, undefined, { signal: AbortSignal.any([...signals]) }).catch(() => undefined);
}
