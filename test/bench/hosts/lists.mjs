// Lists of one and of eight hypervisors.
import { fileURLToPath } from 'node:url';
import { inPairs, ms, table, time } from '../clock.mjs';
import { define, names, settingsOf } from './machines.mjs';
import { promise } from './promise.mjs';

const VMS_OF_ONE = 1000;
const VMS_EACH = 100;

const THOUSAND = fileURLToPath(new URL('thousand.mjs', import.meta.url));

/** 1,000 VMs that do not run. Measured in the host, as entering it takes time. */
export function thousand(bench) {
  define(bench, bench.document, 'h1', VMS_OF_ONE - VMS_EACH, VMS_EACH);
  const { status } = bench.run(['exec', 'h1', bench.node, THOUSAND, bench.plow, String(bench.rounds)]);
  if (status !== 0) throw new Error('thousand.mjs failed');
  const script = `for n in $(seq ${VMS_EACH} ${VMS_OF_ONE - 1}); do echo "undefine --nvram h1-$n"; done`;
  bench.run(['exec', 'h1', 'sh', '-c', `virsh "$(${script} | tr '\\n' ';')" > /dev/null`]);
}

/** All hosts at once, beside the slowest of them. */
export async function eight(bench) {
  const hosts = names(8);
  const config = settingsOf(bench, hosts);
  const list = (...words) => time(bench.plow, ['--config', config, 'list', '--all', ...words]);
  const rounds = await inPairs(bench.rounds, () => ({
    all: list('--all-hosts'),
    slowest: Math.max(...hosts.map((host) => list('--host', host))),
    start: time(bench.node, ['-e', '0']),
  }));
  const ratio = rounds.of(({ all, slowest }) => all / slowest);
  table(
    `8 hosts, ${VMS_EACH} VMs each that do not run (median of ${bench.rounds})`,
    { time: ({ value }) => ms(value) },
    [
      { name: 'plow list --all --all-hosts', value: rounds.of(({ all }) => all) },
      { name: 'plow list --all --host hN, the slowest', value: rounds.of(({ slowest }) => slowest) },
      { name: 'node -e 0', value: rounds.of(({ start }) => start) },
    ],
  );
  promise('all / slowest', ratio, 1.5);
}
