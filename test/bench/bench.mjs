// `npm run bench [ROUNDS [PART...]]`: plow beside what people would use instead, in one run on one throwaway
// hypervisor. Parts: start, create, validate, list. Starts a lab of its own and measures inside it, so that
// no command pays for entering the namespaces. `npm run bench -- hosts [ROUNDS [PART...]]`: several
// hypervisors, see hosts.mjs.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withLab } from './lab.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

async function oneHost(args) {
  execFileSync(path('../lab/setup.sh'), ['virtinst', 'time'], { stdio: 'inherit' });
  await withLab(1, ({ lab }) => {
    process.exitCode = lab('exec', 'h1', process.execPath, path('measure.mjs'), ...args).status ?? 1;
  });
}

const [first, ...others] = process.argv.slice(2);
if (first === 'hosts') {
  const { severalHosts } = await import('./hosts.mjs');
  await severalHosts(others);
} else await oneHost(first === undefined ? [] : [first, ...others]);
