// The whole proof, in the order in which it fails fastest: format, lint, types, unused code, unit,
// integration, faults, e2e, packages. Ends with the names of what failed, and one line that sums up all
// runners: `N passed, N failed`. A check counts as one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const checks = ['build', 'format:check', 'lint', 'types', 'unused'];
// The last builds the program anew, with another node.
const projects = ['unit', 'integration', 'faults', 'e2e', 'packages'];

const reports = mkdtempSync(join(tmpdir(), 'plow-test-'));
const total = { passed: 0, failed: 0 };
const broken = [];

// Whoever runs the tests sees the same files as everyone else; test:faults, run nightly, seeks new ones.
process.env.PLOW_FUZZ_SEED ??= '20261123';

/** @returns true when the command ended with 0 */
function run(title, command, args) {
  console.log(`\n== ${title}`);
  const started = performance.now();
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  console.log(
    `== ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(1)} s)`,
  );
  return status === 0;
}

function readReport(file) {
  try {
    const { numPassedTests, numFailedTests, numTotalTests, testResults } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    const failed = testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName }) => `${relative('.', name)}: ${fullName}`),
    );
    return { passed: numPassedTests, failed: numFailedTests, total: numTotalTests, names: failed };
  } catch {
    return { passed: 0, failed: 0, total: 0, names: [] };
  }
}

for (const check of checks) {
  if (run(check, 'npm', ['run', '--silent', check])) total.passed += 1;
  else {
    total.failed += 1;
    broken.push(`npm run ${check}`);
  }
}
for (const project of projects) {
  const report = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const [command, ...args] =
    project === 'faults' ? ['node', 'scripts/faults.mjs'] : ['npx', 'vitest', 'run', '--project', project];
  const ok = run(project, command, [...args, ...reporters]);
  const { passed, failed, total: found, names } = readReport(report);
  total.passed += passed;
  // A hook that fails, a file that does not load or a run without tests is a failure too.
  total.failed += ok && found > 0 ? failed : Math.max(failed, 1);
  broken.push(...names);
  if (!ok && names.length === 0)
    broken.push(`${project}: a hook, a file that does not load, or what is counted at the end`);
}
rmSync(reports, { recursive: true });

if (broken.length > 0) console.log(`\nfailed:\n  ${broken.join('\n  ')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
