// A lab of the bench's own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LAB = fileURLToPath(new URL('../lab/lab.sh', import.meta.url));
// Node 20 reads this file of certificates at every start: 50 ms that have nothing to do with plow.
delete process.env['NODE_EXTRA_CA_CERTS'];

/**
 * @param work with `name` of the lab, and `lab`, which runs lab.sh; what it says is shown unless `stdio` says
 * otherwise
 */
export async function withLab(hosts, work) {
  const name = `bench-${process.pid}`;
  const run = (args, options) =>
    spawnSync(LAB, args, {
      stdio: 'inherit',
      encoding: 'utf8',
      ...options,
      env: { ...process.env, LAB_NAME: name },
    });
  const { status } = run(['up', String(hosts)]);
  if (status !== 0) throw new Error('the lab did not come up');
  try {
    await work({ name, run, lab: (...args) => run(args) });
  } finally {
    run(['down']);
  }
}
