import type { CommandRecord } from '../../record/command.ts';
import { allSettingsOf } from '../../settings/settings.ts';
import { listenAddress } from './listen-address.ts';
import type { ListenAddress } from '../../../this-machine/metrics/server.ts';

interface Options {
  readonly listen?: ListenAddress;
}

export const metrics: CommandRecord<readonly [], Options> = {
  name: 'metrics',
  about: 'print in numbers how hypervisors and VMs do, for Prometheus',
  args: [],
  options: [
    {
      flags: '--listen <address:port>',
      about: 'serve them at http://address:port/metrics until Ctrl-C; 9177 is a port on 127.0.0.1',
      parse: listenAddress,
    },
  ],
  notes: `Prints the numbers once, as node_exporter's textfile collector takes them; with --listen Prometheus
asks for them. Each time all hypervisors are asked anew: those of --host or --all-hosts, else the
one that is meant. One that cannot be asked has plow_up 0, and nothing else of it is told.

A VM whose QEMU hangs keeps memory and disks of VMs from being told for seconds at most.
Names of VMs, bridges and images stand in the labels: whoever reaches the port reads them.`,
  examples: [
    'plow metrics',
    'plow --all-hosts metrics > /var/lib/prometheus/node-exporter/plow.prom',
    'plow metrics --listen 9177',
    'plow --all-hosts metrics --listen 10.20.30.5:9177',
  ],
  async run({ options: { listen }, globals, environment }) {
    const all = await allSettingsOf(globals, environment, 'the connection');
    const { runMetrics } = await import('./run.ts');
    return runMetrics(listen, all, environment);
  },
};
