import packageJson from '../../../package.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { PROGRAM } from '../../../src/cli/commands/commands.ts';
import { commandsOf, partsOf } from '../../../src/cli/record/command.ts';
import type { OptionRecord } from '../../../src/cli/record/command.ts';
import { runCli } from '../../../src/cli/program.ts';
import { run } from '../../run.ts';
import { fakeEnvironment } from '../cli/environment.ts';
import { textOf } from './pages.ts';

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
    for (const { name, options = [] } of commandsOf(PROGRAM)) {
      expect(shown).toMatch(new RegExp(`^ {3}plow\\s+${name}\\b`, 'mu'));
      for (const option of options) expect(shown).toContain(partsOf(option).long);
    }
    expect(shown).toContain('for vm in $(plow list -o name); do virsh suspend "$vm"; done');
  });
});

function withoutExample(options: readonly OptionRecord[], examples: readonly string[]): readonly string[] {
  const words = examples.flatMap((line) => line.split(/\s+/u));
  const flags = options.map(partsOf);
  return flags
    .filter(({ short, long }) => !words.includes(short ?? long) && !words.includes(long))
    .map(({ long }) => long);
}

describe('the help', () => {
  it.each(commandsOf(PROGRAM).map((command) => [command.name, command] as const))(
    'of %s has an example with each of its options',
    (_, { options = [], examples }) => {
      expect(withoutExample(options, examples)).toStrictEqual([]);
      expect(examples.length).toBeGreaterThan(0);
      expect(examples.every((line) => /\bplow\b/u.test(line))).toBe(true);
    },
  );

  it('of the program has an example with each option that goes with every command', () => {
    const examples = [...PROGRAM.examples, ...PROGRAM.optionExamples];
    expect(withoutExample(PROGRAM.options, examples)).toStrictEqual(['--version', '--help']);
  });

  it('begins with a page that fits a screen, with a line for each command', async () => {
    const environment = { ...fakeEnvironment(), columns: 80 };
    await runCli(['--help'], environment);
    const lines = environment.stdout.join('\n').split('\n');
    const commands = commandsOf(PROGRAM);
    expect(lines.length).toBeLessThan(commands.length + 32);
    for (const { name, summary, about } of commands)
      expect(
        lines.filter((line) => line.startsWith(`  ${name}`) && line.endsWith(summary ?? about)),
      ).toHaveLength(1);
  });
});
