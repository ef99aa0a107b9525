import packageJson from '../../../package.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { describeProgram } from '../../../src/cli/commands/help/describe-program.ts';
import { buildProgram, runCli } from '../../../src/cli/program.ts';
import { run } from '../../run.ts';
import { fakeEnvironment } from '../cli/environment.ts';
import { textOf } from './pages.ts';

const program = describeProgram(buildProgram(fakeEnvironment(), () => {}));
const MAN = 'man/plow.1';

async function help(...argv: readonly string[]): Promise<string> {
  const environment = { ...fakeEnvironment(), version: packageJson.version };
  expect(await runCli(['help', ...argv], environment)).toBe(0);
  return environment.stdout.join('\n');
}

describe('what is made from the help', () => {
  it('is as fresh as the help: npm run docs', async () => {
    expect(await textOf(MAN)).toBe(`${await help('-o', 'man')}\n`);
    const tables = (await help('-o', 'markdown')).split(/(?<=<!-- end -->)\s+/u).filter(Boolean);
    expect(tables).toHaveLength(3);
    const found = await Promise.all(['README.md', 'docs/settings.md', 'docs/output-formats.md'].map(textOf));
    for (const [index, table] of tables.entries()) expect(found[index]).toContain(table);
  });

  it('is a man page that man has nothing against', async () => {
    const page = await run(
      '/bin/sh',
      ['-c', 'man --warnings -E UTF-8 -l -Tutf8 -Z - 2>&1 >/dev/null'],
      await textOf(MAN),
    );
    expect(page).toBe('');
    const shown = await run('/bin/sh', ['-c', 'MANWIDTH=80 man -E UTF-8 -l - | col -b'], await textOf(MAN));
    for (const { name, options } of program.commands) {
      expect(shown).toMatch(new RegExp(`^ {3}plow ${name}`, 'mu'));
      for (const { long } of options) expect(shown).toContain(long);
    }
    expect(shown).toContain('for vm in $(plow list -o name); do virsh suspend "$vm"; done');
  });
});

describe('the help', () => {
  it.each(program.commands.map((command) => [command.name, command] as const))(
    'of %s has an example with each of its options',
    (_, { options, examples }) => {
      const words = examples.flatMap((line) => line.split(/\s+/u));
      const missing = options.filter(
        ({ short, long }) => ![short, long].some((flag) => flag !== undefined && words.includes(flag)),
      );
      expect(missing.map(({ long }) => long)).toStrictEqual(['--help']);
      expect(examples.every((line) => /\bplow\b/u.test(line))).toBe(true);
    },
  );

  it('of the program has an example with each option that goes with every command', () => {
    const words = program.examples.flatMap((line) => line.split(/\s+/u));
    const missing = program.options.filter(
      ({ short, long }) => ![short, long].some((flag) => flag !== undefined && words.includes(flag)),
    );
    expect(missing.map(({ long }) => long)).toStrictEqual(['--version', '--help']);
  });
});
