import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runCli } from '../../../src/cli/program.ts';
import { fakeEnvironment } from '../cli/environment.ts';
import { blocks, textOf } from './pages.ts';

const PAGE = 'docs/templates.md';

let folder = '';

/** The blocks of the page that are files, by their names. */
async function files(): Promise<ReadonlyMap<string, string>> {
  const found = (await textOf(PAGE)).matchAll(/^```(?:yaml|csv) (?<name>\S+)\n(?<text>.*?)^```$/gmsu);
  return new Map([...found].map(({ groups }) => [groups?.['name'] ?? '', groups?.['text'] ?? '']));
}

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-templates-'));
  for (const [name, text] of await files()) await write(name, text);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function isFile(word: string): boolean {
  return /^[\w/-]+\.yaml$/u.test(word);
}

/** What a command of the page prints, its files being those of the page. */
async function printed(line: string): Promise<string> {
  const words = [...line.matchAll(/'(?<quoted>[^']*)'|\S+/gu)].map(
    ({ 0: word, groups }) => groups?.['quoted'] ?? word,
  );
  const argv = words.slice(1).map((word) => (isFile(word) ? join(folder, word) : word));
  const environment = fakeEnvironment();
  await runCli(argv, { ...environment, columns: 200 });
  return [...environment.stdout, ...environment.stderr].join('\n').replaceAll(`${folder}/`, '');
}

describe('the page about templates', () => {
  it('has files that are VMs, but for those below base/', async () => {
    const names = [...(await files()).keys()].filter((name) => /^[\w-]+\.yaml$/u.test(name));
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) {
      expect(await printed(`plow validate ${name}`)).toMatch(/^1 file(?:, \d+ VMs)?: \d+ valid$/u);
    }
  });

  it('shows what commands print', async () => {
    const sessions = await blocks(PAGE, 'console');
    expect(sessions.length).toBeGreaterThan(0);
    const all = await files();
    const web = all.get('base/web.yaml') ?? '';
    for (const session of sessions) {
      const isWrong = session.includes('web-2.yaml');
      await write('base/web.yaml', isWrong ? web.replace('memory_gib: 2', 'memory_gib: 0') : web);
      await write('web-2.yaml', 'extends: base/web.yaml\n');
      const [shop = '', table = ''] = ['shop.yaml', 'shop.csv'].map((name) => all.get(name) ?? '');
      await write('wrong.yaml', shop.replace('shop.csv', 'wrong.csv'));
      await write('wrong.csv', table.replace('b,4', 'b,four'));
      const [command = '', ...rest] = session.split('\n');
      expect(await printed(command.slice('$ '.length))).toBe(rest.join('\n').trimEnd());
    }
  });
});
