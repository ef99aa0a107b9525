import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { validationDocument } from '../../../src/views/validation/document.ts';
import { checkText } from '../../../src/config/vm-file/check.ts';
import { loadMachine } from '../../../src/config/vm-file/load.ts';
import { loadSettings } from '../../../src/config/settings/load.ts';
import { settingsKeys } from '../../../src/config/settings/schema.ts';
import { EXIT_CODES } from '../../../src/errors/plow-error.ts';
import { fakeEnvironment } from '../cli/environment.ts';

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

  it('shows the mistakes of files as they are told', async () => {
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
    const right = wrong.replace('vcpu:', 'vcpus:').replace('.255/', '.7/');
    const texts = [wrong, right, right.replace('web', 'mail').replace('.7/', '.8/')];
    const folder = await mkdtemp(join(tmpdir(), 'plow-readme-'));
    const files = ['a', 'b', 'c'].map((name) => join(folder, `${name}.yaml`));
    await Promise.all(files.map((file, index) => writeFile(file, texts[index] ?? '')));
    const environment = fakeEnvironment();
    // Wider than a pipe is taken to be, so that nothing is cut.
    await runCli(['validate', ...files], { ...environment, columns: 200 });
    await rm(folder, { recursive: true });
    const shown = blocks('console').find((text) => text.startsWith('$ plow validate')) ?? '';
    const told = environment.stderr.join('\n').replaceAll(folder, 'vms');
    expect(shown).toBe(`$ plow validate vms/*.yaml\n${told}\n`);
  });

  it('shows a document of mistakes as it is printed', async () => {
    const [example = ''] = blocks('json');
    const { mistakes, ...rest } = JSON.parse(example) as { mistakes: object[] };
    const { diagnostics } = checkText('vms/a.yaml', 'name: web\nvcpu: 2\n', { virtType: undefined });
    const [diagnostic] = diagnostics.filter(({ key }) => key === 'vcpu');
    const files = [1, 2, 3].map((index) => ({
      ...checkText(`${index}`, '', { virtType: undefined }),
      diagnostics: [],
    }));
    const printed = validationDocument(files, diagnostic === undefined ? [] : [{ ...diagnostic, file: '1' }]);
    expect(JSON.parse(printed)).toEqual({
      ...rest,
      mistakes: mistakes.map((one) => ({ ...one, file: '1' })),
    });
  });

  it('shows a settings file that is one, with every key', () => {
    const [, example = ''] = blocks('yaml');
    const { values } = loadSettings('README.md', example);
    expect(Object.keys(values)).toEqual(settingsKeys([]));
    expect(Object.keys(values.defaults ?? {}).toSorted()).toEqual(settingsKeys(['defaults']).toSorted());
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
