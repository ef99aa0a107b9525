import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../../src/config/load.ts';
import { EXIT_CODES } from '../../../src/errors/plow-error.ts';

const root = new URL('../../../', import.meta.url);
const readme = await readFile(new URL('README.md', root), 'utf8');

/** Text of the fenced blocks of a language, in order. */
function blocks(language: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gmsu'))].map(
    ([, text = '']) => text,
  );
}

describe('README', () => {
  it('begins with two commands, and both are there to be run', async () => {
    const commands = blocks('sh')
      .slice(0, 2)
      .map((text) => text.trim());
    expect(commands).toEqual(['scripts/demo.sh', 'scripts/test.sh']);
    expect(await readdir(new URL('scripts', root))).toEqual(expect.arrayContaining(['demo.sh', 'test.sh']));
  });

  it('has every exit code of the table that the program uses', () => {
    const documented = [...readme.matchAll(/^\| (?<code>\d+)\s+\| (?<meaning>[^|]+?)\s*\|$/gmu)].map(
      ({ groups }) => [Number(groups?.['code']), groups?.['meaning']] as const,
    );
    expect(documented.map(([code]) => code)).toEqual([0, ...Object.values(EXIT_CODES), 70]);
  });

  it('shows a file that loads without a warning', () => {
    const [example = ''] = blocks('yaml');
    const { machine, warnings } = loadMachine('README.md', example, { virtType: undefined });
    expect(warnings).toEqual([]);
    expect(machine.name).toBe('my-vm');
  });

  it('shows the mistakes of a file as they are told', () => {
    const shown = blocks('console')
      .flatMap((text) => text.split('\n'))
      .filter((line) => line.startsWith('error: '));
    const wrong = `name: web
vcpu: 2
memory_gib: 1
boot_disk: { size_gb: 1, empty: true }
network_interfaces:
  # the office
  - ip: 10.20.30.255/24
    gateway: 10.20.30.1
    bridge: br0
`;
    let told = '';
    try {
      loadMachine('vm.yaml', wrong, { virtType: undefined });
    } catch (error) {
      told = (error as Error).message;
    }
    expect(shown).toEqual(told.split('\n').map((line) => `error: ${line}`));
  });

  it('links to files that exist', async () => {
    const links = [...readme.matchAll(/\]\((?<target>[^)#]+)\)/gu)].map(
      ({ groups }) => groups?.['target'] ?? '',
    );
    expect(links.length).toBeGreaterThan(0);
    for (const link of links)
      await expect(
        readFile(new URL(link, root)).catch((error: NodeJS.ErrnoException) => error.code),
      ).resolves.not.toBe('ENOENT');
  });
});

it('the workflow on GitHub runs what CI runs', async () => {
  const workflow = await readFile(new URL('.github/workflows/ci.yml', root), 'utf8');
  expect(workflow).toContain('run: .ci/run');
  expect(await readFile(fileURLToPath(new URL('.ci/run', root)), 'utf8')).toContain('scripts/test.sh');
});
