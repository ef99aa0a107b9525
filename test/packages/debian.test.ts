import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab } from '../lab/lab.ts';
import type { Finished, Lab } from '../lab/lab.ts';
import { run } from '../run.ts';
import { vm } from '../integration/vms.ts';
import { startMachine } from './machine.ts';
import type { Machine } from './machine.ts';

const URI = "-c 'qemu+unix:///system?socket=/run/libvirt/libvirt-sock'";
let built: string;
let version: string;

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'plow-packages-'));
  await run('node', ['scripts/package.mjs', 'deb', '--out', built]);
  const [name = ''] = await readdir(built);
  version = name.split('_')[1] ?? '';
  // The same again, as a release that follows: what is in it is of no matter to apt.
  const tree = join(built, 'tree');
  await run('dpkg-deb', ['--raw-extract', join(built, name), tree]);
  await run('sed', ['-i', 's/^Version: .*/Version: 99.0.0/', join(tree, 'DEBIAN/control')]);
  await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', tree, join(built, 'newer.deb')]);
  await rm(tree, { recursive: true });
  await copyFile(join(built, name), join(built, 'plow.deb'));
});

afterAll(() => rm(built, { recursive: true }));

it('lintian has nothing to say of it', async () => {
  expect(await run('lintian', ['--allow-root', '--fail-on', 'none', join(built, 'plow.deb')])).toBe('');
});

describe.each(['bookworm', 'trixie'])('on Debian %s, without Node', (suite) => {
  let machine: Machine;
  let lab: Lab;
  let before: readonly string[];

  beforeAll(async () => {
    machine = await startMachine(suite);
    for (const file of ['plow.deb', 'newer.deb'])
      await copyFile(join(built, file), join(machine.root, 'tmp', file));
    await writeFile(join(machine.root, 'tmp/vm.yaml'), JSON.stringify(vm()));
    await succeed('apt-get -qq update');
    // What plow needs is there before and after.
    await install('libvirt0 libstdc++6');
    before = await machine.files();
    lab = await startLab();
  });

  afterAll(async () => {
    await lab.stop();
    await machine.stop();
  });

  async function succeed(command: string): Promise<void> {
    const { code, stderr } = await machine.sh(command);
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
  }

  const install = (what: string): Promise<void> =>
    succeed(`apt-get -qq --yes --no-install-recommends --allow-downgrades install ${what}`);

  const plow = (words: string): Promise<Finished> => machine.inLab(lab, `plow ${words}`);

  it('is installed by apt from the file, and has a node of its own', async () => {
    await install('/tmp/plow.deb');
    expect(await machine.sh('command -v node')).toMatchObject({ code: 1 });
    expect(await machine.sh('plow --version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('says right after that how libvirt is installed, where it is not', async () => {
    const { code, stdout, stderr } = await machine.sh('plow doctor');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('libvirt is not installed on this machine');
    expect(stderr).toContain('hint: install it: apt install libvirt-daemon-system;');
  });

  it('creates a VM, lists it, and destroys it', async () => {
    expect(await plow(`${URI} create /tmp/vm.yaml`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Successfully created VM 'web'") as unknown,
    });
    expect(await plow(`${URI} list -o name`)).toEqual({ code: 0, stdout: 'web\n', stderr: '' });
    expect(await plow(`${URI} destroy --force web`)).toMatchObject({ code: 0 });
    expect(await plow(`${URI} list --all -o name`)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('says what the hypervisor lacks', async () => {
    const { code, stdout } = await plow(`${URI} doctor`);
    expect([0, 2]).toContain(code);
    expect(stdout).toMatch(/libvirt/u);
  });

  it('has a manual page, and shells complete it', async () => {
    expect((await machine.sh('man -P cat plow')).stdout).toMatch(/^PLOW\(1\)/u);
    const bash = '. /usr/share/bash-completion/bash_completion; _completion_loader plow; complete -p plow';
    expect((await machine.sh(bash)).stdout).toContain('plow');
    const zsh = `zsh -fc 'autoload -U compinit; compinit -u -D; print $_comps[plow]'`;
    expect((await machine.sh(zsh)).stdout).toBe('_plow\n');
    expect((await machine.sh(`fish -c 'complete -C "plow cre"'`)).stdout).toMatch(/^create\t/mu);
  });

  it('goes on watching while a newer one takes its place, and an older one after that', async () => {
    const watch = `plow ${URI} list --all -o name --watch > /tmp/seen & echo $! > /tmp/pid; wait`;
    const watching = machine.inLab(lab, watch);
    await install('/tmp/newer.deb');
    expect((await machine.sh("dpkg-query -f '${Version}' -W plow")).stdout).toBe('99.0.0');
    await plow(`${URI} create /tmp/vm.yaml`);
    await expect
      .poll(async () => (await machine.sh('cat /tmp/seen')).stdout, { timeout: 60_000 })
      .toContain('web');
    await machine.inLab(lab, 'kill -INT $(cat /tmp/pid)');
    await watching;
    await plow(`${URI} destroy --force web`);
    await install('/tmp/plow.deb');
    expect((await machine.sh("dpkg-query -f '${Version}' -W plow")).stdout).toBe(version);
  });

  it.each(['remove', 'purge'])('leaves nothing after apt-get %s', async (how) => {
    await install('/tmp/plow.deb');
    expect(await machine.sh(`apt-get -qq --yes ${how} plow`)).toMatchObject({ code: 0 });
    expect(await machine.files()).toEqual(before);
  });
});
