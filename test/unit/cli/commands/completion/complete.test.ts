import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { complete } from '../../../../../src/cli/commands/completion/complete.ts';
import { PROGRAM } from '../../../../../src/cli/commands/commands.ts';
import { runCli } from '../../../../../src/cli/program.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import type { Listing } from '../../../../../src/hypervisor/listing.ts';
import { listed, listing } from '../../../vm/listed.ts';
import { fakeEnvironment } from '../../environment.ts';
import type { FakeEnvironment } from '../../environment.ts';
import { whileTimePasses } from '../../../time.ts';

vi.mock('node:timers/promises', () => import('../../../time.ts'));
afterEach(() => void vi.useRealTimers());

async function words(...typed: readonly string[]): Promise<readonly string[]> {
  return (await complete(PROGRAM, typed)).candidates.map(({ word }) => word);
}

describe('completion', () => {
  it.each([
    [['li'], ['list']],
    [['x'], []],
    [['--verbose', 'val'], ['validate']],
    [['-c', 'qemu:///system', 'doc'], ['doctor']],
    [['--connect=qemu:///system', 'doc'], ['doctor']],
    [
      ['list', '--no'],
      ['--no-headers', '--no-trunc'],
    ],
    [['--st'], ['--storage-path']],
    [['list', '--st'], ['--storage-path']],
    [['list', '-o', 'j'], ['json']],
    [['list', '-o', 'json', '-'], expect.arrayContaining(['--all', '-o', '--connect', '-c'])],
    [['list', '--output=y'], ['--output=yaml']],
    [['list', '--nosuch=y'], []],
    [['list', '--all', 'x'], []],
    [['list', '--filter', 'sta'], expect.arrayContaining(['state=', 'state=running', 'state=shut off'])],
    [['list', '--filter=ta'], ['--filter=tag=']],
    [['list', '--sort', '-me'], ['-memory']],
    [['list', '--columns', 'na'], ['name']],
    [['list', '--columns', 'name,na'], []],
    [['list', '--columns', 'uuid,na'], ['uuid,name']],
    [
      ['--color', 'a'],
      ['auto', 'always'],
    ],
    [['-c', 'qemu+'], ['qemu+ssh://']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['create', '--', '--dry'], []],
    [['nosuch', ''], expect.arrayContaining(['create'])],
    [[], expect.arrayContaining(['create', 'list'])],
  ])('of %j offers %j', async (typed, candidates) => {
    expect(await words(...typed)).toEqual(candidates);
  });

  it('does not offer what is hidden', async () => {
    expect(await words('_')).toStrictEqual([]);
  });

  it.each([
    [['create', ''], { files: ['yaml', 'yml'] }],
    [['validate', 'a.yaml', ''], { files: ['yaml', 'yml'] }],
    [['--config', ''], { files: ['yaml', 'yml'] }],
    [['--storage-path', '/'], { files: 'directories' }],
    [['destroy', ''], { vms: { options: {}, taken: [] } }],
    [['rm', ''], { vms: { options: {}, taken: [] } }],
    [
      ['-c', 'test:///default', 'destroy', 'w'],
      { vms: { options: { '--connect': 'test:///default' }, taken: [] } },
    ],
    [['destroy', 'web', ''], { candidates: [] }],
  ])('of %j leaves it to others: %j', async (typed, completion) => {
    expect(await complete(PROGRAM, typed)).toMatchObject(completion);
  });
});

function environmentWith(...names: readonly string[]): FakeEnvironment {
  return environmentListing(listing(...names.map((name) => listed({ name }))).listDomains);
}

function environmentListing(listDomains: Listing['listDomains']): FakeEnvironment {
  return fakeEnvironment(Object.assign(new FakeHypervisor(), { listDomains }));
}

async function answer(environment: FakeEnvironment, ...typed: readonly string[]): Promise<readonly string[]> {
  expect(await runCli(['__complete', '--', ...typed], environment)).toBe(0);
  expect(environment.stderr).toStrictEqual([]);
  return environment.stdout;
}

describe('the answer to a completion script', () => {
  it('has VM names that begin so, of the hypervisor that the line names', async () => {
    const names = ['web', 'mail', 'we b', 'w\nx'];
    const environment = environmentWith(...names);
    expect(await answer(environment, '-c', 'test:///default', 'destroy', 'w')).toStrictEqual(['we b', 'web']);
    expect(environment.connections).toStrictEqual(['test:///default', 'closed']);
  });

  it('has hosts of the settings and their labels, and connects to none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plow-hosts-'));
    const config = join(folder, 'plow.yaml');
    const hosts = ['hv1', 'hv2'].map((name) => `${name}: { connect: "x:///", labels: [prod] }`);
    await writeFile(config, `hosts: { ${hosts.join(', ')}, off: { connect: "x:///", enabled: false } }\n`);
    const typed = async (word: string): Promise<readonly string[]> => {
      const environment = fakeEnvironment();
      const offered = await answer(environment, '--config', config, ...word.split(' '));
      expect(environment.connections).toStrictEqual([]);
      return offered;
    };
    expect(await typed('--host ')).toStrictEqual(['hv1', 'hv2', 'label:prod']);
    expect(await typed('list --host=hv1,h')).toStrictEqual(['--host=hv1,hv2']);
    await rm(folder, { recursive: true });
  });

  it('has hosts beside VMs, and the VMs of a host that is typed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plow-hosts-'));
    const config = join(folder, 'plow.yaml');
    const all =
      'hv1: { connect: "x:///" }, hv2: { connect: "y:///" }, off: { connect: "z:///", enabled: false }';
    await writeFile(config, `hosts: { ${all} }\n`);
    const typed = async (...line: readonly string[]): Promise<readonly (readonly string[])[]> => {
      const environment = environmentWith('web', 'hvac');
      return [await answer(environment, '--config', config, ...line), environment.connections.slice(0, 1)];
    };
    expect(await typed('show', 'hv')).toStrictEqual([['hv1:', 'hv2:', 'hvac'], ['qemu:///system']]);
    expect(await typed('show', 'hv2:')).toStrictEqual([['hv2:hvac', 'hv2:web'], ['y:///']]);
    expect(await typed('stop', 'hv2:web', 'hv2:')).toStrictEqual([['hv2:hvac'], ['y:///']]);
    expect(await typed('ssh', 'root@hv2:w')).toStrictEqual([['root@hv2:web'], ['y:///']]);
    expect(await typed('--host', 'hv1', 'show', 'h')).toStrictEqual([['hvac'], ['x:///']]);
    expect(await typed('-c', 'q:///', 'show', 'h')).toStrictEqual([['hvac'], ['q:///']]);
    await rm(folder, { recursive: true });
  });

  it('says what each command is about, and connects to nothing for that', async () => {
    const environment = fakeEnvironment();
    expect(await answer(environment, 'cre')).toStrictEqual([
      'create\tcreate VMs from YAML files and start them (sizes in GiB)',
    ]);
    expect(environment.connections).toStrictEqual([]);
  });

  it('is empty where the hypervisor fails, or the settings do', async () => {
    const failing = environmentListing(() => Promise.reject(new Error('no')));
    expect(await answer(failing, 'destroy', '')).toStrictEqual([]);
    const working = environmentWith('web');
    expect(await answer(working, '--config', '/nosuch', 'destroy', '')).toStrictEqual([]);
    expect(working.connections).toStrictEqual([]);
  });

  it(
    'connects over no network for a settings file that others may have written',
    { timeout: 30_000 },
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'plow-complete-'));
      const file = join(directory, 'config.yaml');
      await writeFile(file, '');
      const { uid } = await stat(file);
      // To load it for the first time may take longer than an answer may.
      await import('../../../../../src/config/settings/load.ts');
      const connections = async (connect: string, mode: number): Promise<readonly string[]> => {
        await writeFile(file, `connect: ${connect}\n`);
        await chmod(file, mode);
        const environment = {
          ...environmentWith('web'),
          userId: uid,
        };
        const names = await answer(environment, '--config', file, 'destroy', '');
        expect(names).toStrictEqual(environment.connections.length === 0 ? [] : ['web']);
        return environment.connections;
      };
      const ssh = 'qemu+ssh://root@hv1/system';
      expect(await connections(ssh, 0o644)).toStrictEqual([ssh, 'closed']);
      expect(await connections(`${ssh}?command=/tmp/evil`, 0o644)).toHaveLength(2);
      expect(await connections(ssh, 0o666)).toStrictEqual([]);
      expect(await connections(`${ssh}?command=/tmp/evil`, 0o666)).toStrictEqual([]);
      expect(await connections('qemu:///system', 0o666)).toStrictEqual(['qemu:///system', 'closed']);
      await rm(directory, { recursive: true });
    },
  );

  it('does not wait for a hypervisor that does not answer', async () => {
    vi.useFakeTimers();
    const silent = environmentListing(() => new Promise(() => {}));
    expect(await whileTimePasses(answer(silent, 'destroy', ''))).toStrictEqual([]);
    expect(performance.now()).toBe(500);
  });

  it('has the shell itself offer files', async () => {
    expect(await answer(fakeEnvironment(), 'create', 'v')).toStrictEqual(['\u001Ffiles yaml yml']);
    expect(await answer(fakeEnvironment(), '--storage-path', '/')).toStrictEqual(['\u001Fdirectories']);
  });
});
