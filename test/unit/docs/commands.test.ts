import { expect, it } from 'vitest';
import { PROGRAM } from '../../../src/cli/commands/commands.ts';

import { commandCalled, partsOf } from '../../../src/cli/record/command.ts';
import { blocks, pages, textOf } from './pages.ts';

/** Every `plow ...` that a page shows: in its blocks for a shell, and among its words. */
async function commandLines(page: string): Promise<readonly string[]> {
  const shell = [...(await blocks(page, 'sh')), ...(await blocks(page, 'console'))].join('\n');
  const prose = (await textOf(page)).replaceAll(/^```.*?^```$/gmsu, '').replaceAll(/^\|.*\n|\n/gmu, ' ');
  const words = [...prose.matchAll(/`(?<line>plow [a-z-][^`]*)`/gu)].map(
    ({ groups }) => groups?.['line'] ?? '',
  );
  return [...shell.matchAll(/(?:^|[$(] ?|&& )(?<line>plow .*)/gmu)]
    .map(({ groups }) => groups?.['line'] ?? '')
    .concat(words);
}

/** What of a command line plow does not have. */
function unknown(line: string): readonly string[] {
  const [own = ''] = line.split(/ [#|>]|&&|[;)…]/u);
  const words = own.split(/\s+/u).slice(1);
  const command = words.map((word) => commandCalled(PROGRAM, word)).find((one) => one !== undefined);
  const known = [...PROGRAM.options, ...(command?.options ?? [])].flatMap((option) => [
    partsOf(option).short,
    partsOf(option).long,
  ]);
  const flags = words.filter((word) => /^(?:-[a-z]$|--)/u.test(word));
  const stray = flags.filter((word) => !known.includes(word.replace(/=.*/u, '')));
  const isCommand = command !== undefined || words.every((word) => flags.includes(word));
  return isCommand ? stray : words;
}

it('has no command and no option on a page that plow has not', async () => {
  const found = (await pages()).filter((page) => page !== 'CHANGELOG.md');
  const lines = await Promise.all(
    found.map(async (page) => (await commandLines(page)).map((line) => ({ page, line }))),
  );
  expect(lines.flat().length).toBeGreaterThan(50);
  const wrong = lines.flat().map((one) => ({ ...one, unknown: unknown(one.line) }));
  expect(wrong.filter((one) => one.unknown.length > 0)).toStrictEqual([]);
});
