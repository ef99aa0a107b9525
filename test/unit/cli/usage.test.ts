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

describe('help', () => {
  it.each([
    [
      ['--help'],
      ['-V, --version', 'create', 'destroy', 'list', 'export', 'doctor', 'validate', 'config', 'help'],
    ],
    [['-h'], ['-V, --version']],
    [['help'], ['-V, --version']],
    [
      ['create', '--help'],
      [
        'plow create [options] <config.yaml>',
        '--dry-run',
        '--show-secrets',
        '-o, --output <format>',
        'PLOW_VIRT_TYPE',
      ],
    ],
    [['help', 'create'], ['plow create [options] <config.yaml>']],
    [['destroy', '-h'], ['plow destroy [options] <vm-name>']],
    [
      ['list', '--help'],
      ['plow list [options]', '--all'],
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
        '--host',
        '-o, --output <format>',
        'plow validate --host vms/*.yaml',
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
    for (const word of [...GLOBAL_FLAGS, ...words]) expect(help).toContain(word);
    expect(help).toMatch(/Examples?:\n {2}plow /u);
    expect(environment.stderr).toStrictEqual([]);
    expect(environment.connections).toStrictEqual([]);
  });

  it('names every exit code', async () => {
    const environment = fakeEnvironment();
    await runCli(['--help'], environment);
    const codes = [...environment.stdout.join('\n').matchAll(/^ {2}(?<code>\d) {2}\S/gmu)].map(({ groups }) =>
      Number(groups?.['code']),
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

it.each([['--version'], ['-V']])('%s prints the version alone', async (flag) => {
  const environment = fakeEnvironment();
  expect(await runCli([flag], environment)).toBe(0);
  expect(environment.stdout).toStrictEqual(['1.2.3']);
  expect(environment.stderr).toStrictEqual([]);
});

describe('a command line that is wrong', () => {
  it.each([
    [[], 'Usage: plow'],
    [['nosuch'], "error: unknown command 'nosuch'"],
    [['lst'], '(Did you mean list?)'],
    [['help', 'nosuch'], "error: unknown command 'nosuch'"],
    [['create', '--show-secrets', 'a.yaml'], 'error: --show-secrets and -o json go with --dry-run'],
    [['list', '--nosuch'], "error: unknown option '--nosuch'"],
    [['--nosuch', 'list'], "error: unknown option '--nosuch'"],
    [['create'], "error: missing required argument 'config.yaml'"],
    [['destroy'], "error: missing required argument 'vm-name'"],
    [['create', 'a.yaml', 'b.yaml'], 'error: too many arguments'],
    [['config', 'connect'], 'error: too many arguments'],
    [['list', '--config'], "error: option '--config <file>' argument missing"],
    [['validate'], "error: missing required argument 'file'"],
    [['validate', '-o', 'csv', 'a.yaml'], "argument 'csv' is invalid. Allowed choices are text, json."],
    [['list', 'my-vm'], 'error: too many arguments'],
    [['doctor', 'my-vm'], 'error: too many arguments'],
    [['doctor', '-o', 'xml'], "argument 'xml' is invalid. Allowed choices are text, json."],
    [['list', '--connect'], "error: option '-c, --connect <uri>' argument missing"],
  ])('%j ends with 1 and says why on stderr alone', async (argv, words) => {
    const environment = fakeEnvironment();
    expect(await runCli(argv, environment)).toBe(1);
    expect(environment.stderr.join('\n')).toContain(words);
    expect(environment.stdout).toStrictEqual([]);
    expect(environment.connections).toStrictEqual([]);
  });

  it('points to the help', async () => {
    const environment = fakeEnvironment();
    await runCli(['list', '--nosuch'], environment);
    expect(environment.stderr.join('\n')).toContain('(plow --help shows the commands and options)');
  });
});
