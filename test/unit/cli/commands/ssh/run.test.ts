import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../../../../../src/cli/program.ts';
import { contextWith } from '../../../vm/export/vms.ts';
import { cloudInit, minimalMachine } from '../../../machines.ts';
import type { FakeEnvironment } from '../../environment.ts';
import { fakeEnvironment } from '../../environment.ts';

function environmentOf(sshHostKeys: boolean): FakeEnvironment {
  const { hypervisor } = contextWith(
    minimalMachine({ name: 'web', provisioning: cloudInit({ sshHostKeys }) }),
  );
  const domain = hypervisor.domains.get('web');
  if (domain !== undefined) domain.state = 'running';
  return fakeEnvironment(hypervisor);
}

const fileIn = (words: readonly string[]): string =>
  words.find((word) => word.startsWith('UserKnownHostsFile='))?.split('=')[1] ?? '';

it('gives ssh a file with both keys under the name of the VM, for as long as it runs, and its exit code', async () => {
  const environment = environmentOf(true);
  let seen = '';
  const foreground = async (_program: string, words: readonly string[]): Promise<number> => {
    const file = fileIn(words);
    seen = readFileSync(file, 'utf8');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    environment.programs.push(words);
    return 7;
  };
  expect(await runCli(['ssh', 'web', '--', 'id', '-un'], { ...environment, foreground })).toBe(7);
  expect(seen.split('\n')).toStrictEqual([
    expect.stringMatching(/^plow-[0-9a-f-]{36} ssh-ed25519 AAAA\S+$/u),
    expect.stringMatching(/^plow-[0-9a-f-]{36} ecdsa-sha2-nistp256 AAAA\S+$/u),
    '',
  ]);
  const [words = []] = environment.programs;
  expect(words.slice(-4)).toStrictEqual(['--', '10.20.30.40', 'id', '-un']);
  expect(readdirSync('/tmp')).not.toContain(dirname(fileIn(words)).slice('/tmp/'.length));
  expect(environment.stderr).toStrictEqual([]);
  expect(environment.connections).toStrictEqual(['qemu:///system', 'closed']);
});

it('says of a VM without host keys that plow does not know them, and has ssh go by what the user knows', async () => {
  const environment = environmentOf(false);
  expect(await runCli(['ssh', 'web'], environment)).toBe(0);
  expect(environment.stderr).toStrictEqual([
    expect.stringContaining("plow does not know the host keys of VM 'web'"),
  ]);
  expect(await runCli(['ssh', '--accept-new-host-key', 'web'], environment)).toBe(0);
  expect(environment.stderr).toHaveLength(1);
  expect(environment.programs.map((words) => words.filter((word) => word.includes('Strict')))).toStrictEqual([
    ['StrictHostKeyChecking=yes'],
    ['StrictHostKeyChecking=accept-new'],
  ]);
});

it('tells how to get ssh where there is none', async () => {
  const environment = { ...environmentOf(true), foreground: async () => 'missing' as const };
  await expect(runCli(['scp', 'web:a', '.'], environment)).rejects.toMatchObject({
    message: 'there is no scp on this machine',
    kind: 'config',
  });
});

it('prints a part of ssh_config for every VM that plow made, and names the others', async () => {
  const environment = environmentOf(true);
  const { hypervisor } = await environment.connect('', undefined, 'read-only');
  const { addDomain } = hypervisor as unknown as {
    addDomain: (name: string, xml: string, state: string) => void;
  };
  addDomain.call(hypervisor, 'o\u001Bther', '<domain><name>o</name></domain>', 'running');
  expect(await runCli(['ssh-config'], environment)).toBe(0);
  expect(environment.stdout).toStrictEqual([
    'Host web',
    '  HostName 10.20.30.40',
    '  User root',
    expect.stringMatching(/^ {2}HostKeyAlias plow-[0-9a-f-]{36}$/u),
    '  StrictHostKeyChecking yes',
    '  UserKnownHostsFile /dev/null',
    '  GlobalKnownHostsFile /dev/null',
    '  UpdateHostKeys no',
    expect.stringMatching(
      /^ {2}KnownHostsCommand \/usr\/bin\/printf "%%s\\n" "plow-\S+ ssh-ed25519 \S+" "plow-\S+ ecdsa-sha2-nistp256 \S+"$/u,
    ),
  ]);
  expect(environment.stderr).toStrictEqual(['note: left out, as plow did not make them: o\uFFFDther']);
});
