// thousand.mjs PLOW ROUNDS: runs inside a lab host.
import { inPairs, ms, table, time } from '../clock.mjs';
import { promise } from './promise.mjs';

const [plow, count] = process.argv.slice(2);
const rounds = await inPairs(Number(count), () => ({
  plow: time(plow, ['list', '--all']),
  virsh: time('virsh', ['list', '--all']),
  node: time(process.execPath, ['-e', '0']),
}));
table(`1,000 VMs that do not run (median of ${count})`, { time: ({ value }) => ms(value) }, [
  { name: 'plow list --all', value: rounds.of((one) => one.plow) },
  { name: 'virsh list --all', value: rounds.of((one) => one.virsh) },
  { name: 'node -e 0', value: rounds.of((one) => one.node) },
]);
promise(
  'plow / (virsh + node)',
  rounds.of((one) => one.plow / (one.virsh + one.node)),
  1.3,
);
