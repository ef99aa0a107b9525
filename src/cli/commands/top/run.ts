import { sortedRows } from '../../../views/top/columns.ts';
import { topDocument } from '../../../views/top/document.ts';
import { lookAt } from '../../../vm/top/look.ts';
import type { Environment } from '../../environment.ts';
import { onEachHost, worstOf } from '../../run/hosts/each-host.ts';
import { withHypervisor } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';
import { followedOf, pause, rowsOf } from './followed.ts';
import type { Followed } from './followed.ts';
import type { Order } from './frame.ts';

export interface TopOptions extends Order {
  readonly interval?: number;
  readonly count?: number;
  readonly output: 'table' | 'json';
}

const INTERVAL_MS = 2000;

/** `plow top` @returns the exit code @throws PlowError, Interrupted */
export async function runTop(
  options: TopOptions,
  all: readonly Settings[],
  environment: Environment,
): Promise<number> {
  const intervalMs = options.interval ?? INTERVAL_MS;
  if (options.output === 'json') return printOnce(options, intervalMs, all, environment);
  const { showTop } = await import('./show.ts');
  return showTop({ ...options, intervalMs }, all, environment);
}

/** What VMs do between two looks at all hypervisors. */
async function printOnce(
  { sort, reverse }: TopOptions,
  intervalMs: number,
  all: readonly Settings[],
  environment: Environment,
): Promise<number> {
  const { signal } = environment.interruptible(undefined);
  const look = async (settings: Settings): Promise<Followed> => {
    const one = followedOf(settings);
    const work = async (hypervisor: Parameters<typeof lookAt>[0]): Promise<void> => {
      const before = await lookAt(hypervisor, () => performance.now());
      await pause(intervalMs, [signal]);
      signal.throwIfAborted();
      one.looks = [before, await lookAt(hypervisor, () => performance.now())];
    };
    await withHypervisor(settings, environment, work, { lacks: undefined }, settings.isOfSeveral);
    return one;
  };
  const hosts = await onEachHost(all, look, undefined, signal);
  const rows = hosts.flatMap(({ result }) => (result === undefined ? [] : rowsOf(result)));
  const asked = hosts.map(({ name, error, result }) => ({
    name,
    error,
    isWhole: result?.looks.at(-1)?.isWhole,
  }));
  const { documentText } = await import('../../../documents/serialize.ts');
  environment.output.print(documentText(topDocument(asked, sortedRows(rows, sort, reverse)), 'json'));
  const worst = worstOf(hosts);
  if (worst === undefined) return 0;
  throw hosts.length === 1 ? (hosts[0]?.error ?? worst) : worst;
}
