// What it costs to start plow, in multiples of what node costs.
import { inTurn, ms, table, time } from './clock.mjs';

/** @param file of a VM */
export async function startUp({ plow, node, rounds }, file) {
  const rows = await inTurn(rounds, [
    { name: 'node -e 0', run: () => time(node, ['-e', '0']) },
    { name: 'plow --version', run: () => time(plow, ['--version']) },
    { name: 'plow --help', run: () => time(plow, ['--help']) },
    { name: 'plow validate, one file', run: () => time(plow, ['validate', file]) },
    { name: 'plow list, no domain', run: () => time(plow, ['list']) },
    { name: 'virsh list, no domain', run: () => time('virsh', ['list']) },
  ]);
  const [{ total: base }] = rows;
  table(
    `Start-up (median of ${rounds})`,
    { time: ({ total }) => ms(total), 'of node': ({ total }) => (total / base).toFixed(2) },
    rows,
  );
}
