import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../../../../src/cli/program.ts';
import { parseIfPossible } from '../../../../../src/libvirt-xml/read/parse.ts';
import { metadataInDomain } from '../../../../../src/libvirt-xml/metadata/read.ts';
import { cloudInit, fullMachine } from '../../../machines.ts';
import { listed, listing } from '../../../vm/listed.ts';
import type { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { contextWith } from '../../../vm/export/vms.ts';
import { fakeEnvironment } from '../../environment.ts';

let folder = '';

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'plow-export-')), 'vms');
});

afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

async function run(hypervisor: FakeHypervisor, ...argv: readonly string[]): Promise<Ended> {
  const environment = fakeEnvironment(hypervisor);
  // Of the fake the list is a list of names.
  const names = [...hypervisor.domains.keys()].map((name) => listed({ name }));
  hypervisor.listDomains = listing(...names).listDomains;
  const code = await runCli(['--storage-path', '/images', 'export', ...argv], environment);
  return { code, stdout: environment.stdout, stderr: environment.stderr };
}

const secret = fullMachine({ provisioning: cloudInit({ rootPasswordHash: '$6$ab$cd' }) });

describe('plow export', () => {
  it('prints the file of one VM', async () => {
    const { code, stdout, stderr } = await run(contextWith(secret).hypervisor, 'my-vm');
    expect([code, stderr]).toStrictEqual([0, []]);
    expect(stdout.join('\n')).toMatch(
      /^# exported from domain 'my-vm' on qemu:\/\/\/system, \d{4}-\d\d-\d\d\n\nname: my-vm\n/u,
    );
    expect(stdout.join('\n')).not.toContain('$6$');
  });

  it('of many files that are not whole tells how many, and not what is missing in each', async () => {
    const { hypervisor } = contextWith(secret);
    for (let index = 0; index < 6; index += 1)
      hypervisor.addDomain(`odd${index}`, `<domain type="kvm"><name>odd${index}</name></domain>`, 'running');
    const { code, stdout, stderr } = await run(hypervisor, '--all', '-d', folder);
    expect({ code, files: stdout.length }).toStrictEqual({ code: 0, files: 7 });
    expect(stderr).toStrictEqual([
      `made the directory ${folder}`,
      'note: 6 files are not whole, as not all is known of their VMs: plow validate tells what is missing',
    ]);
  });

  it('writes a file for each VM into a directory, for its owner only, with secrets where they are asked for', async () => {
    const { hypervisor } = contextWith(secret);
    hypervisor.addDomain('Other', '<domain type="kvm"><name>Other</name></domain>', 'running');
    const { code, stdout, stderr } = await run(hypervisor, '--all', '--show-secrets', '-d', folder);
    expect(code).toBe(0);
    expect(stdout).toStrictEqual([`${folder}/other.yaml (6 notes in it)`, `${folder}/my-vm.yaml`]);
    expect(stderr[0]).toBe(`made the directory ${folder}`);
    expect(stderr[1]).toBe("note: what is known of VM 'Other' does not make a whole file:");
    expect(await readdir(folder)).toStrictEqual(['my-vm.yaml', 'other.yaml']);
    expect((await stat(join(folder, 'my-vm.yaml'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, 'my-vm.yaml'), 'utf8')).toMatch(/root_password_hash: \$6\$ab\$cd\n/u);
  });

  it('overwrites nothing unless it is told to, and then leaves no file open to others', async () => {
    const { hypervisor } = contextWith(secret);
    await run(hypervisor, '-d', folder, 'my-vm');
    const path = join(folder, 'my-vm.yaml');
    await writeFile(path, 'mine', { mode: 0o644 });
    const refused = await run(hypervisor, '-d', folder, 'my-vm');
    expect(refused).toMatchObject({ code: 1, stdout: [] });
    expect(refused.stderr).toStrictEqual([
      `error: cannot write ${path}: it is there already`,
      'hint: --force overwrites it',
    ]);
    expect(await readFile(path, 'utf8')).toBe('mine');
    await rm(path);
    await writeFile(path, 'mine', { mode: 0o644 });
    expect((await run(hypervisor, '--force', '-d', folder, 'my-vm')).code).toBe(0);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toStrictEqual(['my-vm.yaml']);
  });

  it.each([
    ['/proc/x/y', 'cannot make /proc/x/y: there is no such directory'],
    ['/dev/null', 'cannot make /dev/null: it is there, and no directory'],
    ['/dev/null/x', 'cannot make /dev/null/x: it is there, and no directory'],
  ])('ends where there can be no directory: %s', async (directory, message) => {
    const running = run(contextWith(secret).hypervisor, '-d', directory, 'my-vm');
    await expect(running).rejects.toMatchObject({ kind: 'config', message });
  });

  it('writes the others where one is not there, and ends with 4', async () => {
    const { code, stdout, stderr } = await run(
      contextWith(secret).hypervisor,
      '-d',
      folder,
      'my-wm',
      'my-vm',
    );
    expect(code).toBe(4);
    expect(stdout).toStrictEqual([`${folder}/my-vm.yaml (1 note in it)`]);
    expect(stderr).toStrictEqual([
      `made the directory ${folder}`,
      "error: VM 'my-wm' does not exist",
      "hint: did you mean 'my-vm'?",
    ]);
  });

  it('refuses one that is incomplete', async () => {
    const { hypervisor } = contextWith(secret, {
      edit: (xml) => xml.replace('status="ready"', 'status="creating"'),
    });
    const { code, stderr } = await run(hypervisor, '-d', folder, 'my-vm');
    expect(code).toBe(4);
    expect(stderr).toStrictEqual([
      `made the directory ${folder}`,
      "error: VM 'my-vm' is incomplete: a create is under way, or died",
      'hint: plow destroy my-vm removes what there is of it',
    ]);
  });

  it('gives no two VMs one file', async () => {
    const { hypervisor } = contextWith(secret);
    hypervisor.addDomain('MY-VM', '<domain type="kvm"><name>MY-VM</name></domain>', 'running');
    const { code, stderr } = await run(hypervisor, '-d', folder, 'my-vm', 'MY-VM');
    expect(code).toBe(1);
    expect(stderr).toContain("error: VM 'MY-VM' would have the file of VM 'my-vm', my-vm.yaml");
  });

  it('adopts, and says of one of its own that it is that', async () => {
    const { hypervisor } = contextWith(secret, { withMetadata: false });
    // The gateway of an interface without the default route stands nowhere but in metadata.
    const domain = hypervisor.domains.get('my-vm');
    if (domain !== undefined)
      domain.xml = domain.xml.replace(/<interface(?:(?!<\/interface>)[\s\S])*br1[\s\S]*?<\/interface>/u, '');
    expect(await run(hypervisor, '--adopt', 'my-vm')).toMatchObject({
      code: 0,
      stderr: ["VM 'my-vm' is managed by plow from now on"],
    });
    expect(metadataInDomain(parseIfPossible(hypervisor.domains.get('my-vm')?.xml ?? ''))?.declared.name).toBe(
      'my-vm',
    );
    expect((await run(hypervisor, '--adopt', 'my-vm')).stderr).toStrictEqual([
      "VM 'my-vm' is plow's already",
    ]);
  });

  it.each([
    [[], 'name VMs, or give --all'],
    [['--all', 'my-vm'], 'name VMs, or give --all'],
    [['a', 'b'], 'several VMs need a directory'],
    [['--all'], 'several VMs need a directory'],
    [['--force', 'my-vm'], '--force goes with -d'],
  ])('refuses %j', async (argv, words) => {
    const { code, stderr } = await run(contextWith(secret).hypervisor, ...argv);
    expect(code).toBe(1);
    expect(stderr.join('\n')).toContain(words);
  });
});
