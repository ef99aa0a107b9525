import { describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { EXIT_CODES } from '../../../src/errors/plow-error.ts';
import { fakeEnvironment } from './environment.ts';

const GLOBAL_FLAGS = [
  '--config <file>',
  '-c, --connect <uri>',
  '--storage-path <dir>',
  '--verbose',
  '-h, --help',
];

/** The first page has them without their values. */
const GLOBAL_LONG = ['--config', '-c/--connect', '--storage-path', '--verbose', '-h/--help'];

describe('help', () => {
  it.each([
    [
      ['--help'],
      ['-V/--version', 'create', 'destroy', 'list', 'export', 'doctor', 'validate', 'config', 'help'],
    ],
    [['-h'], ['-V/--version']],
    [['help'], ['-V/--version']],
    [
      ['help', 'options'],
      ['-V, --version', 'PLOW_CONNECT'],
    ],
    [
      ['create', '--help'],
      [
        'plow create [options] <config.yaml...>',
        '--dry-run',
        '--show-secrets',
        '-o, --output <format>',
        'PLOW_VIRT_TYPE',
      ],
    ],
    [['help', 'create'], ['plow create [options] <config.yaml...>']],
    [['destroy', '-h'], ['plow destroy|rm [options] [vm-name...]']],
    [['rm', '-h'], ['plow destroy|rm [options] [vm-name...]']],
    [['help', 'ls'], ['plow list|ls [options]']],
    [
      ['list', '--help'],
      ['plow list|ls [options]', '--all', '--no-trunc'],
    ],
    [
      ['export', '--help'],
      [
        'plow export [options] [vm-name...]',
        '--all',
        '-d, --directory <dir>',
        '--force',
        '--show-secrets',
        '--adopt',
      ],
    ],
    [
      ['schema', '--help'],
      ['plow schema [options]', '-o, --output <format>', 'plow schema -o markdown'],
    ],
    [
      ['config', '--help'],
      ['plow config [options]', '-o, --output <format>'],
    ],
    [
      ['validate', '--help'],
      [
        'plow validate [options] <file...>',
        '--on-host',
        '-o, --output <format>',
        'plow validate --on-host vms/*.yaml',
      ],
    ],
    [
      ['doctor', '--help'],
      ['plow doctor [options]', '-o, --output <format>', 'default: "text"'],
    ],
  ])('by %j names every flag and gives an example, and connects to nothing', async (argv, words) => {
    const environment = fakeEnvironment();
    expect(await runCli(argv, environment)).toBe(0);
    const help = environment.stdout.join('\n');
    const flags = help.startsWith('Usage: plow [options] <command>') ? GLOBAL_LONG : GLOBAL_FLAGS;
    for (const word of [...flags, ...words]) expect(help).toContain(word);
    expect(help).toMatch(/Examples?:\n {2}plow /u);
    expect(environment.stderr).toStrictEqual([]);
    expect(environment.connections).toStrictEqual([]);
  });

  it('names every exit code', async () => {
    const environment = fakeEnvironment();
    await runCli(['help', 'exit-codes'], environment);
    const codes = [...environment.stdout.join('\n').matchAll(/^ {2}(?<code>\d) {2,}\S/gmu)].map(
      ({ groups }) => Number(groups?.['code']),
    );
    expect(codes).toStrictEqual([0, ...Object.values(EXIT_CODES)]);
  });

  it.each([70, 100])('fits a terminal of %d columns', async (columns) => {
    const environment = { ...fakeEnvironment(), columns };
    await runCli(['--help'], environment);
    const [options = ''] = environment.stdout.join('\n').split('Examples:');
    const widest = Math.max(...options.split('\n').map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(columns);
    expect(widest).toBeGreaterThan(columns - 20);
  });
});

it.each([['--version'], ['-V'], ['version']])('%s prints the version alone', async (flag) => {
  const environment = fakeEnvironment();
  expect(await runCli([flag], environment)).toBe(0);
  expect(environment.stdout).toStrictEqual(['1.2.3']);
  expect(environment.stderr).toStrictEqual([]);
});

describe('a command line that is wrong', () => {
  it.each([
    [[], 'Usage: plow'],
    [['nosuch'], "error: there is no command 'nosuch'\n"],
    [['lst'], "error: there is no command 'lst'; did you mean 'list'?\n"],
    [['help', 'nosuch'], "error: there is no command 'nosuch'\n"],
    [['delete', 'web'], "error: there is no command 'delete'; did you mean plow destroy NAME?\n"],
    [['reboot', 'web'], "error: there is no command 'reboot'; did you mean plow restart NAME?\n"],
    [['edit', 'web'], "error: there is no command 'edit'; there is virsh edit NAME\n"],
    [['shell'], "error: there is no command 'shell'; did you mean plow ssh NAME, or plow console NAME?"],
    [['constructor'], "error: there is no command 'constructor'\n"],
    [['a\u001b[2J'], "error: there is no command 'a\\u001b[2J'\n"],
    [['create', '--show-secrets', 'a.yaml'], 'error: --show-secrets goes with --dry-run\n'],
    [['list', '--nosuch'], "error: there is no option '--nosuch'\n"],
    [['--nosuch', 'list'], "error: there is no option '--nosuch'\n"],
    [['create', '--dryrun', 'a.yaml'], "error: there is no option '--dryrun'; did you mean '--dry-run'?\n"],
    [['list', '--verbos'], "error: there is no option '--verbos'; did you mean '--verbose'?\n"],
    [['list', '-a'], "error: there is no option '-a'; did you mean --all?\n"],
    [['list', '--format', 'json'], "error: there is no option '--format'; did you mean -o?\n"],
    [['list', '--out=json'], "error: there is no option '--out=json'; did you mean -o?\n"],
    [['destroy', '--format', 'json', 'x'], "error: there is no option '--format'; did you mean -o?\n"],
    [['completion', '--format', 'x'], "error: there is no option '--format'\n"],
    [['create'], 'error: create wants <config.yaml...>\n'],
    [['validate'], 'error: validate wants <file...>\n'],
    [['config', 'connect'], "error: config takes nothing but options, and 'connect' is too much\n"],
    [['doctor', 'my-vm'], "error: doctor takes nothing but options, and 'my-vm' is too much\n"],
    [['list', 'my-vm'], 'error: list takes no name: plow show my-vm, or plow list --filter name=my-vm\n'],
    [
      ['list', 'web 1;id'],
      "error: list takes no name: plow show 'web 1;id', or plow list --filter 'name=web 1;id'\n",
    ],
    [['list', '--config'], 'error: --config <file> wants a value\n'],
    [['list', '--connect'], 'error: -c, --connect <uri> wants a value\n'],
    [['validate', '-o', 'csv', 'a.yaml'], "error: -o, --output <format> is one of text, json, not 'csv'\n"],
    [
      ['doctor', '-o', 'jsn'],
      "error: -o, --output <format> is one of text, json, not 'jsn'; did you mean 'json'?",
    ],
    [['completion', 'tcsh'], "error: <shell> is one of bash, zsh, fish, not 'tcsh'\n"],
    [['show', '--xml', '-o', 'text', 'x'], 'error: --xml and -o do not go together\n'],
    [['create', '-q', '-o', 'text', 'a.yaml'], 'error: -q and -o do not go together\n'],
    [['create', '-q', '--dry-run', 'a.yaml'], 'error: -q and --dry-run do not go together\n'],
    [
      ['destroy', '--timeout', '5 s', 'web'],
      "error: --timeout <duration> cannot be '5 s': expected a time such as",
    ],
    [
      ['destroy', '--timeout', '25h', 'web'],
      "error: --timeout <duration> cannot be '25h': expected a time such as",
    ],
    [
      ['destroy', '--timeout=-1', 'web'],
      "error: --timeout <duration> cannot be '-1': expected a time such as",
    ],
    [['destroy', '--force', '--timeout', '5s', 'web'], 'error: --force and --timeout do not go together\n'],
  ])('%j ends with 1 and says why on stderr alone', async (argv, words) => {
    const environment = fakeEnvironment();
    expect(await runCli(argv, environment)).toBe(1);
    expect(`${environment.stderr.join('\n')}\n`).toContain(words);
    expect(environment.stdout).toStrictEqual([]);
    expect(environment.connections).toStrictEqual([]);
  });

  it.each([
    [['list', '--nosuch'], '(plow list --help shows more)'],
    [['ls', 'foo'], '(plow list --help shows more)'],
    [['completion', 'tcsh'], '(plow completion --help shows more)'],
    [['export'], '(plow export --help shows more)'],
    [['nosuch'], '(plow --help shows the commands and options)'],
  ])('%j points to the help that tells more', async (argv, words) => {
    const environment = fakeEnvironment();
    expect(await runCli(argv, environment)).toBe(1);
    expect(environment.stderr.at(-1)).toBe(words);
  });
});

describe('a settings file that somebody named', () => {
  const COMMANDS = [
    ['list'],
    ['show', 'web'],
    ['destroy', 'web'],
    ['export', 'web'],
    ['doctor'],
    ['create', 'vm.yaml'],
    ['validate', 'vm.yaml'],
    ['config'],
    ['schema'],
    ['completion', 'bash'],
    ['version'],
  ];

  it.each(COMMANDS)('must be there, whatever the command and the connection: %s', async (...argv) => {
    const missing = { kind: 'config', message: '/nosuch.yaml: cannot be read: no such file' };
    const byFlag = fakeEnvironment(undefined, { PLOW_CONNECT: 'test:///default' });
    await expect(runCli(['--config', '/nosuch.yaml', ...argv], byFlag)).rejects.toMatchObject(missing);
    const byVariable = fakeEnvironment(undefined, { PLOW_CONFIG: '/nosuch.yaml' });
    await expect(runCli(['-c', 'test:///default', ...argv], byVariable)).rejects.toMatchObject(missing);
    expect([...byFlag.connections, ...byVariable.connections]).toStrictEqual([]);
  });
});
