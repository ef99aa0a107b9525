// Of eight hosts one is frozen, one is cut off under a call, one is far: what the other five wait for.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inPairs, ms, table } from '../clock.mjs';
import { names, settings, socketOf } from './machines.mjs';
import { promise } from './promise.mjs';

const RELAY = fileURLToPath(new URL('../slow-socket.mjs', import.meta.url));
const FAR_MS = 200;
const WELL = names(5);
const [FROZEN, CUT, FAR] = ['h6', 'h7', 'h8'];

async function line(time, place, target) {
  const relay = spawn(process.execPath, [RELAY, String(time), `${place}=${target}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(relay.stdout, 'data');
  return relay;
}

/** @returns the exit code, and ms to the last row of each host and to the end */
async function rowsOf(plow, args) {
  const begun = performance.now();
  const child = spawn(plow, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const last = {};
  let rest = '';
  child.stdout.on('data', (bytes) => {
    const at = performance.now() - begun;
    const lines = (rest + bytes).split('\n');
    rest = lines.pop();
    for (const row of lines) last[row.split(' ')[0]] = at;
  });
  const [code] = await once(child, 'close');
  return { code, last, total: performance.now() - begun };
}

export async function trouble(bench) {
  const places = { [CUT]: join(bench.work, 'cut'), [FAR]: join(bench.work, 'far') };
  const config = settings(
    bench,
    'trouble.yaml',
    Object.fromEntries(names(8).map((host) => [host, places[host] ?? socketOf(bench, host)])),
  );
  const relays = [
    await line('cut', places[CUT], socketOf(bench, CUT)),
    await line(FAR_MS, places[FAR], socketOf(bench, FAR)),
  ];
  const list = async (isWell, ...words) => {
    const ran = await rowsOf(bench.plow, ['--config', config, 'list', '--all', ...words]);
    const well = WELL.map((host) => ran.last[host] ?? Infinity);
    if (ran.code !== (isWell ? 0 : 3)) throw new Error(`plow list ended with ${ran.code}`);
    return { five: Math.max(...well), far: ran.last[FAR] ?? Infinity, total: ran.total };
  };
  bench.lab('freeze', FROZEN);
  try {
    const rounds = await inPairs(bench.rounds, async () => ({
      alone: await list(true, '--host', WELL.join(',')),
      all: await list(false, '--all-hosts'),
    }));
    const rows = [
      { name: 'the five alone, all rows', value: rounds.of(({ alone }) => alone.five) },
      { name: 'the five among eight, all rows', value: rounds.of(({ all }) => all.five) },
      { name: `the one at ${FAR_MS} ms, all rows`, value: rounds.of(({ all }) => all.far) },
      {
        name: 'the end, where the frozen and the cut one are given up',
        value: rounds.of(({ all }) => all.total),
      },
    ];
    table(
      `8 hosts, 1 frozen, 1 cut, 1 at ${FAR_MS} ms, 100 VMs each (median of ${bench.rounds})`,
      { time: ({ value }) => ms(value) },
      rows,
    );
    promise('rows of the five', rows[1].value / 1000, 1, 's');
  } finally {
    bench.lab('thaw', FROZEN);
    for (const relay of relays) relay.kill();
  }
}
