// Runs inside a lab host; bench.mjs starts it. Arguments: the number of rounds (7), and which parts (all).
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurn, ms, table, time } from './clock.mjs';
import { lists, listsOverSlowLine } from './lists.mjs';
import { defineDomains, rawCommands, virtInstall, vmYaml } from './rivals.mjs';
import { startUp } from './start-up.mjs';

const PARTS = ['start', 'create', 'validate', 'list'];
const rounds = Number(process.argv[2] ?? 7);
const parts = process.argv.length > 3 ? process.argv.slice(3) : PARTS;
const plow = fileURLToPath(new URL('../../dist/plow.cjs', import.meta.url));
const node = process.execPath;
const work = mkdtempSync(join(tmpdir(), 'plow-bench-'));
const bench = { plow, node, rounds, work };

function removeVm() {
  spawnSync('virsh', ['destroy', 'bench']);
  time('virsh', ['undefine', 'bench', '--nvram']);
  rmSync('/var/lib/libvirt/images/bench', { recursive: true, force: true });
}

/** virt-install leaves the pools that it made. */
function removeVmAndPools() {
  removeVm();
  for (const pool of ['bench', 'images', 'boot', 'boot-scratch']) {
    spawnSync('virsh', ['pool-destroy', pool]);
    spawnSync('virsh', ['pool-undefine', pool]);
  }
}

function beside(title, rows) {
  const [{ total: own }] = rows;
  const columns = {
    time: ({ total }) => ms(total),
    'plow takes': ({ total }) => `${(own / total).toFixed(2)} of it`,
  };
  table(`${title} (median of ${rounds})`, columns, rows);
}

async function creates(create) {
  create();
  const document = execFileSync('virsh', ['dumpxml', '--inactive', 'bench'], { encoding: 'utf8' });
  const raw = rawCommands(work, document);
  removeVm();
  const rows = await inTurn(rounds, [
    { name: 'plow create', run: create, after: removeVm },
    { name: 'the raw libvirt calls in one virsh', run: () => time('virsh', [raw]), after: removeVm },
    ...['linux2022', 'require=off'].map((osinfo) => ({
      name: `virt-install --osinfo ${osinfo}`,
      run: () => time('sh', ['-c', virtInstall(work, osinfo)]),
      after: removeVmAndPools,
    })),
    { name: 'node -e 0', run: () => time(node, ['-e', '0']) },
  ]);
  beside('Create a VM: overlay, seed ISO, UEFI, one bridge', rows);
  const [own, calls, , , start] = rows.map(({ total }) => total);
  console.log(`  plow create / (raw calls + node's start): ${(own / (calls + start)).toFixed(2)}`);
}

async function validates() {
  const files = Array.from({ length: 1000 }, (_, index) => {
    const file = join(work, `vm-${index}.yaml`);
    const address = `10.77.${Math.floor(index / 250)}.${(index % 250) + 2}/16`;
    const yaml = vmYaml(`vm-${index}`).replace('10.77.0.50/24', address);
    writeFileSync(file, yaml.replace('gateway: 10.77.0.1', 'gateway: 10.77.99.1'));
    return file;
  });
  const rows = await inTurn(rounds, [
    { name: 'plow validate', run: () => time(plow, ['validate', ...files]) },
    { name: 'node -e 0', run: () => time(node, ['-e', '0']) },
  ]);
  beside('Validate 1,000 files', rows);
}

// virt-install keeps its seed there, and expects libvirt's package to have made it.
mkdirSync('/var/lib/libvirt/boot', { recursive: true });
const yaml = join(work, 'vm.yaml');
writeFileSync(yaml, vmYaml('bench'));
const create = () => time(plow, ['create', yaml]);

if (parts.includes('start')) await startUp(bench, yaml);
if (parts.includes('create')) await creates(create);
if (parts.includes('validate')) await validates();
if (parts.includes('list')) {
  create();
  await lists(bench, 1);
  defineDomains(work, 0, 299);
  await listsOverSlowLine(bench, 300);
  defineDomains(work, 299, 700);
  await lists(bench, 1000);
}
rmSync(work, { recursive: true });
