import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../../run.ts';

const justfile = new URL('../../../examples/justfile', import.meta.url);

/** The lines of a recipe as just runs them: with a bash of its own, and variables filled in. */
async function recipe(name: string, vms: string): Promise<string> {
  const text = await readFile(justfile, 'utf8');
  const [, body = ''] = new RegExp(`^${name}:\n((?: {4}.*\n|\n)+)`, 'mu').exec(text) ?? [];
  return body.replaceAll(/^ {4}/gmu, '').replaceAll('{{ vms }}', vms);
}

it('the recipe create-all creates those that are not there, among 500 VMs and by whole names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plow-just-'));
  const vms = join(folder, 'vms');
  await mkdir(vms);
  for (const name of ['app-vm', 'new-vm', 'web.1', '-n']) await writeFile(join(vms, `${name}.yaml`), '');
  const names = Array.from({ length: 500 }, (_, index) => `a-vm-with-a-rather-long-name-${index}`);
  await writeFile(join(folder, 'names'), ['app-vm', 'app-vm-2', 'webx1', ...names, ''].join('\n'));
  // In place of plow: a list of that many, and what it is told to create.
  await writeFile(
    join(folder, 'plow'),
    `#!/bin/bash
    case "$*" in
      'list --all -o name') cat ${folder}/names ;;
      'list --all') sed '1i NAME' ${folder}/names ;;
      create*) basename "$2" ;;
    esac`,
  );
  await chmod(join(folder, 'plow'), 0o755);
  const script = await recipe('create-all', vms);
  const created = await run('/bin/bash', ['-c', `PATH=${folder}:$PATH\n${script}`]);
  expect(created.trim().split('\n')).toStrictEqual(['-n.yaml', 'new-vm.yaml', 'web.1.yaml']);
  await rm(folder, { recursive: true });
});
