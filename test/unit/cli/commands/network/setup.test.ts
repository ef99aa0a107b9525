import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../../../src/cli/program.ts';
import { fakeEnvironment } from '../../environment.ts';
import type { FakeEnvironment } from '../../environment.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-network-'));
  await writeFile(join(folder, 'network.yaml'), 'prefixes: [10.55.0.0/16]\n');
  await writeFile(join(folder, 'wrong.yaml'), 'prefixes: [10.55.0.1/16]\nbgp: {}\n');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function run(line: string, environment: FakeEnvironment = fakeEnvironment()): Promise<number> {
  const argv = line.split(' ').map((word) => word.replace('FOLDER', folder));
  return runCli(argv, environment);
}

describe('plow network', () => {
  it.each(['setup --file FOLDER/network.yaml', 'remove'])('%s runs one script, by sh', async (line) => {
    const environment = fakeEnvironment();
    expect(await run(`network ${line}`, environment)).toBe(0);
    const [[program, option, script = ''] = []] = environment.programs;
    expect([program, option, environment.stdout]).toStrictEqual(['sh', '-c', []]);
    const printing = fakeEnvironment();
    expect(await run(`network ${line} --script`, printing)).toBe(0);
    expect([printing.programs, printing.stdout]).toStrictEqual([[], [script.trimEnd()]]);
  });

  it('ends with the code of the script', async () => {
    const environment = { ...fakeEnvironment(), foreground: async (): Promise<number> => 2 };
    expect(await run('network setup --file FOLDER/network.yaml', environment)).toBe(2);
  });

  it.each([
    ['network setup --force --file FOLDER/network.yaml', '--force goes with network remove'],
    ['network remove --file FOLDER/network.yaml', '--file goes with network setup'],
    ['--connect qemu+ssh://hv1/system network setup', 'works on the hypervisor itself, not over'],
    ['--connect qemu:///session network remove', 'works on the hypervisor itself, not over'],
    ['network setup --file FOLDER/none.yaml', 'which says what addresses routed VMs may have'],
    ['network setup --file FOLDER/wrong.yaml', 'wrong.yaml:1:12: prefixes[0]: has bits of a host'],
    ['network setup --file FOLDER/wrong.yaml', 'wrong.yaml:2:1: bgp.local_as: is required'],
  ])('refuses %s', async (line, why) => {
    await expect(run(line)).rejects.toThrow(why);
  });

  it('needs root, but for a script', async () => {
    const nobody = { ...fakeEnvironment(), userId: 1000 };
    const line = 'network setup --file FOLDER/network.yaml';
    await expect(run(line, nobody)).rejects.toMatchObject({
      kind: 'config',
      message: 'network setup writes below /etc and needs root',
      hint: 'sudo plow network setup; for another hypervisor: plow network setup --script | ssh root@HOST sh',
    });
    expect(await run(`${line} --script`, nobody)).toBe(0);
    expect(await run('--connect qemu+ssh://hv1/system network remove --script', nobody)).toBe(0);
  });
});
