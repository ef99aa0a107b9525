import { describe, expect, it } from 'vitest';
import { filtered, parseFilter } from '../../../../../src/cli/commands/list/filters.ts';
import { runCli } from '../../../../../src/cli/program.ts';
import { declaredOf, fullMachine } from '../../../machines.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { listed, listing, row, seen } from '../../../vm/listed.ts';
import type { FakeListing, Listed } from '../../../vm/listed.ts';
import { fakeEnvironment } from '../../environment.ts';
import type { FakeEnvironment } from '../../environment.ts';

function tagged(...tags: readonly string[]): Parameters<typeof row>[0] {
  const declared = declaredOf({ ...fullMachine(), tags });
  return { own: { version: '', created: '', directory: '', declared } };
}

function plugged(bridge: string): Parameters<typeof row>[0] {
  const rest = { type: 'bridge', source: bridge, mac: undefined, model: undefined, mtu: undefined };
  return {
    interfaces: [{ ...rest, bridge, tap: undefined, vlan: undefined, bootOrder: undefined, linkUp: true }],
  };
}

const ROWS = [
  row({ name: 'web-1', ...tagged('web', 'prod'), image: '/img/debian-12.qcow2' }),
  row({ name: 'web-2', state: 'paused', ...tagged('web'), ...plugged('br0') }),
  row({ name: 'db.1', state: 'shut off', ...plugged('br1') }),
];

describe('a filter', () => {
  it.each([
    [['name=web-*'], 'web-1 web-2'],
    [['name=web-?'], 'web-1 web-2'],
    [['name=web'], ''],
    [['name=d*1'], 'db.1'],
    [['name=db?1'], 'db.1'],
    [['name=dbx1'], ''],
    [['state=shut off'], 'db.1'],
    [['state=paused', 'state=shut off'], 'web-2 db.1'],
    [['tag=web'], 'web-1 web-2'],
    [['tag=web', 'state=paused'], 'web-2'],
    [['tag=prod', 'tag=nosuch'], 'web-1'],
    [['bridge=br*'], 'web-2 db.1'],
    [['image=debian-*'], 'web-1'],
    [['image=/img/debian-12.qcow2'], 'web-1'],
    [['image=/img/debian'], ''],
    [[], 'web-1 web-2 db.1'],
  ])('of %j leaves %j', (filters, names) => {
    expect(
      filtered(ROWS, filters.map(parseFilter))
        .map(({ name }) => name)
        .join(' '),
    ).toBe(names);
  });

  it.each([
    ['running', '"running" is no filter'],
    ['stat=running', `there is no filter "stat"; did you mean 'state'?`],
    ['=x', 'there is no filter ""'],
    ['name=', 'the filter name has no value'],
    ['state=stopped', 'there is no state "stopped"'],
    ['state=runing', `there is no state "runing"; did you mean 'running'?`],
  ])('%j is a mistake', (text, message) => {
    expect(() => parseFilter(text)).toThrow(
      expect.objectContaining({ name: 'PlowError', kind: 'config', message, hint: expect.any(String) }),
    );
  });
});

function environmentOf(...domains: readonly Listed[]): FakeEnvironment & Pick<FakeListing, 'asked'> {
  const { asked, listDomains } = listing(...domains);
  return Object.assign(fakeEnvironment(Object.assign(new FakeHypervisor(), { listDomains })), { asked });
}

/** What is asked for the plain table, and for everything. */
const TABLE = { info: true, documents: true, flags: false };
const ALL = { info: true, documents: true, flags: true, missingWithinMs: 2000 };
const FILES = { missingWithinMs: 2000 };

describe('plow list', () => {
  it.each([
    [[], { activeOnly: true, ...TABLE }],
    [['--all'], { activeOnly: false, ...TABLE }],
    [['-o', 'name'], { activeOnly: true }],
    [['-o', 'name', '--sort', 'memory'], { activeOnly: true, ...TABLE }],
    [['-o', 'name', '--filter', 'bridge=br0'], { activeOnly: true, ...TABLE, ...FILES }],
    [['-o', 'wide'], { activeOnly: true, ...ALL }],
    [['-o', 'json'], { activeOnly: true, ...ALL }],
    [['-o', 'csv', '--columns', 'name,cpu,tags'], { activeOnly: true, ...TABLE }],
    [['--columns', 'name,seen'], { activeOnly: true, ...TABLE, ...FILES }],
    [['--columns', 'name,autostart'], { activeOnly: true, ...TABLE, ...FILES, flags: true }],
    [['--sort', '-mac'], { activeOnly: true, ...TABLE, ...FILES }],
    [['--filter', 'tag=a'], { activeOnly: true, ...TABLE }],
    [['--filter', 'state=paused'], { activeOnly: false, ...TABLE }],
  ])('%j asks for no more than it shows', async (argv, options) => {
    const environment = environmentOf(listed({}));
    expect(await runCli(['list', ...argv], environment)).toBe(0);
    expect(environment.asked).toMatchObject([options]);
  });

  it.each([
    [['-o', 'name'], []],
    [['-o', 'csv', '--columns', 'name'], ['name']],
    [['-o', 'yaml'], ['version: 1\nuri: qemu:///system\nvms: []']],
  ])('%j of no VM prints nothing but what is always there', async (argv, stdout) => {
    const environment = environmentOf();
    expect(await runCli(['list', '--all', ...argv], environment)).toBe(0);
    expect(environment).toMatchObject({ stdout, stderr: [] });
  });

  it('of no VM says so to people', async () => {
    const environment = environmentOf();
    expect(await runCli(['list', '--all', '--no-headers'], environment)).toBe(0);
    expect(environment).toMatchObject({ stdout: [], stderr: ['no VMs'] });
  });

  it.each([
    [[], 'no running VM matches (plow list --all looks at all)'],
    [['--all'], 'no VM matches'],
  ])('%j says what it looked at where a filter leaves nothing', async (argv, words) => {
    const environment = environmentOf(listed({}));
    expect(await runCli(['list', '--filter', 'name=x', '--no-headers', ...argv], environment)).toBe(0);
    expect(environment).toMatchObject({ stdout: [], stderr: [words] });
  });

  it.each([
    [[], ['NAME       STATE     IP ADDRESS', 'vm         running   10.0.0.9'], 1],
    [
      ['--no-trunc'],
      ['NAME       STATE     VCPUS  MEMORY  IP ADDRESS', 'vm         running   2      4 GiB   10.0.0.9'],
      0,
    ],
  ])('%j in a narrow terminal', async (argv, stdout, notes) => {
    const environment = environmentOf(listed({ seen: [seen('lease', '10.0.0.9')] }));
    const output = { ...environment.output, interactive: true };
    expect(await runCli(['list', ...argv], { ...environment, output, columns: 31 })).toBe(0);
    expect(environment.stdout).toStrictEqual(stdout);
    expect(environment.stderr).toStrictEqual(
      ['left out, as the terminal is too narrow: VCPUS, MEMORY (--no-trunc shows all)'].slice(0, notes),
    );
  });

  it('says how to ask for several states', () => {
    expect(() => parseFilter('state=running,shut off')).toThrow(
      expect.objectContaining({
        kind: 'config',
        hint: `one filter for each: --filter state=running --filter 'state=shut off'`,
      }),
    );
  });

  it('-o name gives names in order, and no terminal acts on one', async () => {
    const environment = environmentOf(listed({ name: 'b' }), listed({ name: 'a\u001b[2J' }));
    await runCli(['list', '-o', 'name'], environment);
    expect(environment.stdout).toStrictEqual([String.raw`a\u{1b}[2J`, 'b']);
  });

  it.each([
    [['--columns', 'nam'], `there is no column "nam"; did you mean 'name'?`],
    [['--sort', 'size'], 'there is no column "size"'],
    [['-o', 'json', '--columns', 'name'], '--columns goes with -o table, wide or csv, not with json'],
    [['-o', 'name', '--columns', 'name'], '--columns goes with -o table, wide or csv, not with name'],
  ])('%j is a mistake before anything is connected', async (argv, message) => {
    const environment = environmentOf();
    await expect(runCli(['list', ...argv], environment)).rejects.toMatchObject({ kind: 'config', message });
    expect(environment.connections).toStrictEqual([]);
  });

  it('keeps the password of a URI out of its documents', async () => {
    const environment = environmentOf();
    await runCli(['-c', 'qemu+tcp://me:geheim@hv/system', 'list', '-o', 'json'], environment);
    expect(environment.stdout.join('')).toContain('qemu+tcp://me:***@hv/system');
  });
});
