import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted } from '../../../errors/interrupted.ts';
import { LiveView } from '../../../terminal/live-view.ts';
import { untilAborted } from '../../../vm/interruption.ts';
import { Bell } from '../../../vm/lifecycle/bell.ts';
import type { Environment } from '../../environment.ts';
import type { Settings } from '../../settings/settings.ts';
import { follow, followedOf, pause } from './followed.ts';
import type { Followed } from './followed.ts';
import { frameOf } from './frame.ts';
import type { Order } from './frame.ts';
import { keysOf } from './keys.ts';
import { keyed } from './order.ts';

export interface ShowOptions extends Order {
  readonly intervalMs: number;
  readonly count?: number;
}

interface Showing {
  readonly hosts: readonly Followed[];
  readonly options: ShowOptions;
  readonly environment: Environment;
  /** Rung by each look and each key. */
  readonly bell: Bell;
  /** Aborted when nobody looks any more. */
  readonly over: AbortController;
}

/**
 * Shows what VMs do until a key or an interruption ends it, after so many tables, or when nobody reads any
 * more. @returns the exit code @throws PlowError where the one hypervisor that is meant cannot be asked
 */
export async function showTop(
  options: ShowOptions,
  all: readonly Settings[],
  environment: Environment,
): Promise<number> {
  const { output } = environment;
  const { signal } = environment.interruptible(undefined);
  const hosts = all.map(followedOf);
  const showing = { hosts, options, environment, bell: new Bell(), over: new AbortController() };
  // A trace between the lines of a view would garble both.
  const isLive = output.interactive && options.count === undefined && !all.some(({ verbose }) => verbose);
  const shown = isLive ? showLive(showing) : printTables(showing);
  try {
    const code = await Promise.race([shown, untilAborted(signal), output.lost]);
    if (code !== undefined) return code;
  } finally {
    showing.over.abort();
    // It gives the terminal back.
    await shown.catch(() => undefined);
  }
  return signal.reason instanceof Interrupted ? signal.reason.exitCode : 0;
}

/** Changes come in bursts. */
const BURST_MS = 50;
const CTRL_C = '\u0003';
const INTERRUPTED = 130;

/** Draws again after each look and each key. @returns the exit code */
async function showLive({ hosts, options, environment, bell, over }: Showing): Promise<number> {
  const { output } = environment;
  const view = new LiveView(output, environment, true);
  let order: Order = options;
  let code = 0;
  let hurrying = new AbortController();
  const keys = keysOf(environment, (key) => {
    if (key === CTRL_C) code = INTERRUPTED;
    if (key === CTRL_C || key === 'q' || key === 'Q') over.abort();
    order = keyed(order, key);
    if (key === ' ') {
      hurrying.abort();
      hurrying = new AbortController();
    }
    bell.ring();
  });
  const stop = (): void => {
    keys.release();
    view.stop();
  };
  const letGo = environment.holdTerminal(stop, () => bell.ring());
  const { intervalMs } = options;
  const heard = (): void => bell.ring();
  const following = { environment, intervalMs, over: over.signal, hurry: () => hurrying.signal, heard };
  const isAlone = hosts.length === 1;
  const asking = hosts.map((one) =>
    follow(one, { ...following, isFatal: () => isAlone && !one.hasAnswered }),
  );
  const drawing = async (): Promise<void> => {
    for (;;) {
      await Promise.race([bell.rung(), untilAborted(over.signal)]);
      if (over.signal.aborted) return;
      keys.hold();
      view.show(await frameOf(hosts, order, environment));
      await sleep(BURST_MS);
    }
  };
  try {
    await Promise.race([drawing(), Promise.all(asking)]);
  } finally {
    stop();
    letGo();
  }
  return code;
}

/** Who has not told anything by then is waited for no longer. */
const LONGEST_FIRST_MS = 10_000;

/** Prints a table at each interval, an empty line before all but the first. @returns the exit code */
async function printTables({ hosts, options, environment, bell, over }: Showing): Promise<number> {
  const { intervalMs, count = Infinity } = options;
  const heard = (): void => bell.ring();
  const following = { environment, intervalMs, over: over.signal, hurry: () => over.signal, heard };
  const isAlone = hosts.length === 1;
  const asking = hosts.map((one) => follow(one, { ...following, isFatal: () => isAlone }));
  const printing = async (): Promise<void> => {
    const late = AbortSignal.any([over.signal, AbortSignal.timeout(LONGEST_FIRST_MS + 2 * intervalMs)]);
    while (!late.aborted && !hosts.every(hasTold)) await Promise.race([bell.rung(), untilAborted(late)]);
    for (let printed = 0; !over.signal.aborted;) {
      const { lines, note } = await frameOf(hosts, options, environment);
      if (printed > 0) environment.output.print('');
      for (const line of lines) environment.output.print(line);
      if (note !== undefined) environment.output.say(note);
      printed += 1;
      if (printed >= count) return;
      await pause(intervalMs, [over.signal]);
    }
  };
  await Promise.race([printing(), Promise.all(asking)]);
  return 0;
}

function hasTold({ looks, error }: Followed): boolean {
  return looks.length > 1 || error !== undefined;
}
