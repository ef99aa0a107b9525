// Many VMs on four hosts: by one command, and by a command each, one after the other.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inPairs, ms, table } from '../clock.mjs';
import { vmYaml } from '../rivals.mjs';
import { names, settingsOf } from './machines.mjs';

const HOSTS = names(4);

/** `libvirt: HH:MM:SS.mmm function object 1.2 ms`: when a call ended, and how long it took. */
const CALL = /^libvirt: (\d+):(\d+):(\d+\.\d+) (\w+).* ([\d.]+) ms$/gmu;

/** @returns ms in which at least one call was under way */
function inCalls(trace) {
  const calls = [...trace.matchAll(CALL)]
    .map(([, hours, minutes, seconds, , took]) => {
      const end = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
      return [end - Number(took), end];
    })
    .toSorted(([one], [other]) => one - other);
  let until = -Infinity;
  let sum = 0;
  for (const [begin, end] of calls) {
    sum += Math.max(0, end - Math.max(begin, until));
    until = Math.max(until, end);
  }
  return sum;
}

function run(plow, args) {
  const begun = performance.now();
  const { status, stderr } = spawnSync(plow, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`plow ${args.join(' ')} ended with ${status}\n${stderr}`);
  const total = performance.now() - begun;
  return { total, own: total - inCalls(stderr) };
}

export async function creates(bench, count) {
  const config = settingsOf(bench, HOSTS);
  const files = Array.from({ length: count }, (_, index) => {
    const file = join(bench.work, `many-${index}.yaml`);
    const yaml = vmYaml(`many-${index}`).replace('10.77.0.50/24', `10.77.0.${100 + index}/24`);
    writeFileSync(file, `host: ${HOSTS[index % HOSTS.length]}\n${yaml}`);
    return file;
  });
  const plow = (...words) => run(bench.plow, ['--config', config, ...words]);
  const away = () => plow('destroy', '--yes', '--force', '--all-hosts', 'many-*');
  const rounds = await inPairs(bench.rounds, () => {
    const atOnce = plow('--verbose', 'create', ...files);
    away();
    const each = files.map((file) => plow('--verbose', 'create', file));
    away();
    const sum = (key) => each.reduce((all, one) => all + one[key], 0);
    return { atOnce, each: { total: sum('total'), own: sum('own') } };
  });
  table(
    `${count} VMs on 4 hosts (median of ${bench.rounds})`,
    { time: ({ total }) => ms(total), 'no call under way': ({ own }) => ms(own) },
    ['atOnce', 'each'].map((key) => ({
      name: key === 'each' ? `${count} commands, one after the other` : 'one command',
      total: rounds.of((one) => one[key].total),
      own: rounds.of((one) => one[key].own),
    })),
  );
  const ratio = (key) => rounds.of(({ atOnce, each }) => atOnce[key] / each[key]).toFixed(2);
  console.log(`  one command / one after the other: ${ratio('total')}, of plow's own part ${ratio('own')}`);
}
