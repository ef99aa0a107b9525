import { PlowError } from '../../../errors/plow-error.ts';
import { serveMetrics } from '../../../this-machine/metrics/server.ts';
import type { ListenAddress } from '../../../this-machine/metrics/server.ts';
import { failureLines } from '../../../views/failure/text.ts';
import { metricsText } from '../../../views/metrics/text.ts';
import { untilAborted } from '../../../vm/interruption.ts';
import type { HostMetrics } from '../../../vm/metrics/host-metrics.ts';
import { hostMetrics } from '../../../vm/metrics/host-metrics.ts';
import type { Environment } from '../../environment.ts';
import { onEachHost, worstOf } from '../../run/hosts/each-host.ts';
import type { OfHost } from '../../run/hosts/each-host.ts';
import { withHypervisor } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/**
 * `plow metrics`. @returns the exit code
 * @throws PlowError where a hypervisor could not be asked, or a port not be had
 */
export async function runMetrics(
  listen: ListenAddress | undefined,
  all: readonly Settings[],
  environment: Environment,
): Promise<number> {
  if (listen !== undefined) return serve(listen, all, environment);
  const { text, hosts } = await look(all, environment);
  environment.output.print(text.trimEnd());
  const worst = worstOf(hosts);
  if (worst !== undefined) throw worst;
  return 0;
}

async function serve(
  listen: ListenAddress,
  all: readonly Settings[],
  environment: Environment,
): Promise<number> {
  const { output } = environment;
  const { signal } = environment.interruptible(undefined);
  const make = async (): Promise<string> => {
    const { text, hosts } = await look(all, environment);
    for (const { name, settings, error } of hosts)
      if (error !== undefined) output.say(failureLines(error, settings.verbose, name).join('\n'));
    return text;
  };
  const serving = await serveMetrics(listen, make, (error) => {
    if (!(error instanceof PlowError)) throw error;
    output.say(failureLines(error, false).join('\n'));
  }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new PlowError('config', `cannot listen at ${listen.host}:${listen.port}: ${why}`, { cause: error });
  });
  try {
    output.say(`serving http://${listen.host}:${serving.port}/metrics until Ctrl-C`);
    await untilAborted(signal);
  } finally {
    serving.close();
  }
  return 0;
}

/** Asks all hypervisors at once. */
async function look(
  all: readonly Settings[],
  environment: Environment,
): Promise<{ readonly text: string; readonly hosts: readonly OfHost<HostMetrics>[] }> {
  const took = new Map<Settings, number>();
  const hosts = await onEachHost(all, async (settings) => {
    const began = performance.now();
    try {
      return await withHypervisor(settings, environment, hostMetrics, { lacks: undefined }, all.length > 1);
    } finally {
      took.set(settings, (performance.now() - began) / 1000);
    }
  });
  const looks = hosts.map(({ name, settings, result }) => ({
    host: name,
    seconds: took.get(settings) ?? 0,
    metrics: result,
  }));
  return { text: metricsText(looks), hosts };
}
