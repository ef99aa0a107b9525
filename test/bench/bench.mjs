// `npm run bench [ROUNDS [PART...]]`: plow beside what people would use instead, in one run on one throwaway
// hypervisor. Parts: start, create, validate, list. Starts a lab of its own and measures inside it, so that
// no command pays for entering the namespaces.
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

execFileSync(path('../lab/setup.sh'), ['virtinst', 'time'], { stdio: 'inherit' });
// Node 20 reads this file of certificates at every start: 50 ms that have nothing to do with plow.
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
const lab = (...args) =>
  spawnSync(path('../lab/lab.sh'), args, {
    stdio: 'inherit',
    env: { ...env, LAB_NAME: `bench-${process.pid}` },
  });

lab('up', '1');
try {
  process.exitCode =
    lab('exec', 'h1', process.execPath, path('measure.mjs'), ...process.argv.slice(2)).status ?? 1;
} finally {
  lab('down');
}
