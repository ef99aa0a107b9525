import { gravestOf, PlowError } from '../../../errors/plow-error.ts';
import { untilAborted } from '../../../vm/interruption.ts';
import type { Settings } from '../../settings/settings.ts';
import { lostByKind } from '../batch/batch-words.ts';
import { Room } from '../batch/room.ts';
import { hostName } from './several.ts';

/** Hosts that are asked at the same time, but for those that have not answered for so long. */
const AT_ONCE = 16;
/** Each of those keeps a thread, of which others must have some (see the budget of connect.ts). */
const PATIENCE = { milliseconds: 2000, most: 48 } as const;

/** One that takes long leaves its place to another. */
export function roomForHosts(): Room {
  return new Room(AT_ONCE, PATIENCE);
}

/** What came of a host. */
export interface OfHost<T> {
  readonly name: string;
  readonly settings: Settings;
  /** Undefined where it failed. */
  readonly result: T | undefined;
  readonly error: PlowError | undefined;
}

/**
 * Works on several hosts at the same time. One that fails, or does not answer, keeps none of the others.
 * @param work over a connection of its own @param heard called as each ends @returns in the order of `all`
 * @throws Interrupted
 */
export async function onEachHost<T>(
  all: readonly Settings[],
  work: (settings: Settings) => Promise<T>,
  heard: (one: OfHost<T>) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly OfHost<T>[]> {
  const ended: OfHost<T>[] = [];
  const room = roomForHosts();
  const ask = async (settings: Settings, index: number): Promise<void> => {
    if (signal.aborted) return;
    const one = await ofHost(settings, work);
    ended[index] = one;
    heard(one);
  };
  const asking = Promise.all(all.map((settings, index) => room.with(() => ask(settings, index))));
  // One that hangs is not waited for.
  await Promise.race([asking, untilAborted(signal)]);
  signal.throwIfAborted();
  return ended;
}

/** What comes of a host. @throws whatever is no failure */
export async function ofHost<T>(
  settings: Settings,
  work: (settings: Settings) => Promise<T>,
): Promise<OfHost<T>> {
  const name = hostName(settings);
  try {
    return { name, settings, result: await work(settings), error: undefined };
  } catch (error) {
    if (!(error instanceof PlowError)) throw error;
    return { name, settings, result: undefined, error };
  }
}

/**
 * What is wrong with some of several hosts, those that cannot be reached apart from others; undefined:
 * nothing.
 */
export function worstOf(hosts: readonly OfHost<unknown>[]): PlowError | undefined {
  const errors = hosts.flatMap(({ name, error }) => (error === undefined ? [] : [{ name, error }]));
  const worst = gravestOf(errors, ({ error }) => error);
  if (worst === undefined) return undefined;
  const words = lostByKind(errors).flatMap(([what, names]) =>
    names.length === 0 ? [] : [`${names.length} ${what}: ${names.join(', ')}`],
  );
  return new PlowError(worst.error.kind, `of ${hosts.length} hosts ${words.join('; ')}`);
}
