// Runs the tests of faults, all cases of them with `PLOW_FAULTS=all`, and prints what they covered: a line of
// sums.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const directory = mkdtempSync(join(tmpdir(), 'plow-faults-'));
const file = join(directory, 'tally');
const argv = ['vitest', 'run', '--project', 'faults', ...process.argv.slice(2)];
const { status } = spawnSync('npx', argv, {
  stdio: 'inherit',
  env: { ...process.env, PLOW_FAULTS_TALLY: file },
});

const sums = new Map();
for (const line of readTally()) {
  const { counter, count } = JSON.parse(line);
  sums.set(counter, (sums.get(counter) ?? 0) + count);
}
rmSync(directory, { recursive: true });
const parts = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([counter, sum]) => `${sum} ${counter}`);
console.log(`\nfaults: ${parts.join(', ')}`);
process.exitCode = status ?? 1;

function readTally() {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}
