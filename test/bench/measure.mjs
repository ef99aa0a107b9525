// Runs inside a lab host; bench.mjs starts it. Argument: the number of rounds (7).
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineDomains, rawCommands, virtInstall, vmYaml } from './rivals.mjs';

const rounds = Number(process.argv[2] ?? 7);
const plow = fileURLToPath(new URL('../../dist/plow.cjs', import.meta.url));
const node = process.execPath;
const work = mkdtempSync(join(tmpdir(), 'plow-bench-'));

/** Runs a command; its output is shown only if it fails. @returns milliseconds */
function time(command, args) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  const elapsed = performance.now() - started;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return elapsed;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Times each rival once a round, in turn, so that noise falls on all alike. */
function race(title, rivals) {
  const times = rivals.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    rivals.forEach(({ run, after }, index) => {
      times[index].push(run());
      after?.();
    });
  }
  const medians = times.map(median);
  console.log(`\n${title} (median of ${rounds})`);
  rivals.forEach(({ name }, index) => {
    const ratio = (medians[0] / medians[index]).toFixed(2);
    const suffix = index === 0 ? '' : `   plow takes ${ratio} of it`;
    console.log(`  ${name.padEnd(34)} ${medians[index].toFixed(0).padStart(6)} ms${suffix}`);
  });
  return medians;
}

function removeVm() {
  spawnSync('virsh', ['destroy', 'bench']);
  time('virsh', ['undefine', 'bench', '--nvram']);
  rmSync('/var/lib/libvirt/images/bench', { recursive: true, force: true });
}

// virt-install keeps its seed there, and expects libvirt's package to have made it.
mkdirSync('/var/lib/libvirt/boot', { recursive: true });

const yaml = join(work, 'vm.yaml');
writeFileSync(yaml, vmYaml('bench'));
const create = () => time(plow, ['create', yaml]);
create();
const raw = rawCommands(
  work,
  execFileSync('virsh', ['dumpxml', '--inactive', 'bench'], { encoding: 'utf8' }),
);
removeVm();

/** virt-install leaves the pools that it made. */
function removeVmAndPools() {
  removeVm();
  for (const pool of ['bench', 'images', 'boot', 'boot-scratch']) {
    spawnSync('virsh', ['pool-destroy', pool]);
    spawnSync('virsh', ['pool-undefine', pool]);
  }
}

const [plowCreate, rawCalls, , , start] = race('Create a VM: overlay, seed ISO, UEFI, one bridge', [
  { name: 'plow create', run: create, after: removeVm },
  { name: 'the raw libvirt calls in one virsh', run: () => time('virsh', [raw]), after: removeVm },
  ...['linux2022', 'require=off'].map((osinfo) => ({
    name: `virt-install --osinfo ${osinfo}`,
    run: () => time('sh', ['-c', virtInstall(work, osinfo)]),
    after: removeVmAndPools,
  })),
  { name: 'node -e 0', run: () => time(node, ['-e', '0']) },
]);
console.log(`  plow create / (raw calls + node's start): ${(plowCreate / (rawCalls + start)).toFixed(2)}`);

race('Start-up', [
  { name: 'plow --version', run: () => time(plow, ['--version']) },
  { name: 'node -e 0', run: () => time(node, ['-e', '0']) },
]);
race('Start-up', [
  { name: 'plow --help', run: () => time(plow, ['--help']) },
  { name: 'node -e 0', run: () => time(node, ['-e', '0']) },
]);

const files = Array.from({ length: 1000 }, (_, index) => {
  const file = join(work, `vm-${index}.yaml`);
  const address = `10.77.${Math.floor(index / 250)}.${(index % 250) + 2}/16`;
  writeFileSync(
    file,
    vmYaml(`vm-${index}`)
      .replace('10.77.0.50/24', address)
      .replace('gateway: 10.77.0.1', 'gateway: 10.77.99.1'),
  );
  return file;
});
race('Validate 1,000 files', [
  { name: 'plow validate', run: () => time(plow, ['validate', ...files]) },
  { name: 'node -e 0', run: () => time(node, ['-e', '0']) },
]);

create();
for (const count of [1, 300]) {
  if (count > 1) defineDomains(work, count - 1);
  race(`List ${count} domain${count > 1 ? 's' : ''}`, [
    { name: 'plow list --all', run: () => time(plow, ['list', '--all']) },
    { name: 'plow list', run: () => time(plow, ['list']) },
    { name: 'virsh list --all', run: () => time('virsh', ['list', '--all']) },
  ]);
}
rmSync(work, { recursive: true });
