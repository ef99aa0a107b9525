// What memory `plow list` takes at its peak.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { median, table } from '../clock.mjs';
import { names, settingsOf } from './machines.mjs';

const LOOK_EACH_MS = 3;
const COUNTS = [1, 8, 16];

const numberOf = (text, key) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'mu').exec(text)?.[1] ?? 0);

/** The most that was seen of a process, in MiB. In PSS what is shared with others (libraries) counts in part. */
async function peak(command, args) {
  const child = spawn(command, args, { stdio: 'ignore' });
  const most = { rss: 0, pss: 0, threads: 0 };
  const look = () => {
    try {
      const rollup = readFileSync(`/proc/${child.pid}/smaps_rollup`, 'utf8');
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      most.pss = Math.max(most.pss, numberOf(rollup, 'Pss') / 1024);
      most.rss = Math.max(most.rss, numberOf(status, 'VmHWM') / 1024);
      most.threads = Math.max(most.threads, numberOf(status, 'Threads'));
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(look, LOOK_EACH_MS);
  await new Promise((resolve) => child.on('close', resolve));
  clearInterval(timer);
  return most;
}

async function ofHosts(bench, count, words) {
  const config = settingsOf(bench, names(count));
  const all = [];
  for (let round = 0; round < bench.rounds; round += 1) {
    all.push(await peak(bench.plow, ['--config', config, 'list', '--all-hosts', ...words]));
  }
  const of = (key) => median(all.map((one) => one[key]));
  return { rss: of('rss'), pss: of('pss'), threads: of('threads') };
}

/** With and without rows: what connections take, and what VMs take. */
export async function memory(bench) {
  const rows = [];
  for (const isAll of [false, true])
    for (const count of COUNTS)
      rows.push({
        name: `${count} host${count > 1 ? 's' : ''}, ${isAll ? '100 rows each' : 'no rows'}`,
        ...(await ofHosts(bench, count, isAll ? ['--all'] : [])),
      });
  table(
    `plow list --all-hosts at its peak (median of ${bench.rounds})`,
    {
      RSS: ({ rss }) => `${rss.toFixed(0)} MiB`,
      PSS: ({ pss }) => `${pss.toFixed(0)} MiB`,
      threads: ({ threads }) => String(threads),
    },
    rows,
  );
}
