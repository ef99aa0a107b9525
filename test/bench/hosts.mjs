// `npm run bench -- hosts [ROUNDS [PART...]]`: what several hypervisors cost. Parts: thousand, eight, trouble,
// create, memory, far; `create=50` makes as many VMs. Numbers are those of a few rounds: ratios count more than
// times.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { creates } from './hosts/creates.mjs';
import { far } from './hosts/far.mjs';
import { eight, thousand } from './hosts/lists.mjs';
import { define, names, template } from './hosts/machines.mjs';
import { memory } from './hosts/memory.mjs';
import { trouble } from './hosts/trouble.mjs';
import { withLab } from './lab.mjs';

const ROUNDS = '3';
const VMS_MADE = '8';
const VMS_EACH = 100;
const PARTS = { thousand, eight, trouble, create: creates, memory, far };

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** @param args rounds, then parts */
export async function severalHosts([rounds = ROUNDS, ...parts]) {
  execFileSync(path('../lab/setup.sh'), { stdio: 'inherit' });
  const wanted = (parts.length > 0 ? parts : Object.keys(PARTS)).map((part) => part.split('='));
  const unknown = wanted.find(([part]) => !(part in PARTS));
  if (unknown !== undefined) throw new Error(`no part ${unknown[0]}: ${Object.keys(PARTS).join(', ')}`);
  const hosts = names(wanted.some(([part]) => part === 'memory') ? 16 : 8);
  const work = mkdtempSync(join(tmpdir(), 'plow-bench-'));
  try {
    await withLab(hosts.length, async (lab) => {
      const bench = {
        ...lab,
        work,
        rounds: Number(rounds),
        node: process.execPath,
        plow: path('../../dist/plow.cjs'),
        pidOf: (host) => Number(readFileSync(`/tmp/${lab.name}/${host}/pid`, 'utf8').split(' ')[0]),
      };
      bench.document = template(bench);
      for (const host of hosts) define(bench, bench.document, host, VMS_EACH);
      for (const [part, count = VMS_MADE] of wanted) await PARTS[part](bench, Number(count));
    });
  } finally {
    rmSync(work, { recursive: true });
  }
}
