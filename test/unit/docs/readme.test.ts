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
import { blocks, root, textOf } from './pages.ts';

describe('README and its pages', () => {
  it('begins with two commands, and both are there to be run', async () => {
    const [demo = '', test = ''] = await blocks('README.md', 'sh');
    expect([demo.trim(), test.trim()]).toEqual(['scripts/demo.sh', 'scripts/test.sh']);
    expect(await readdir(new URL('scripts', root))).toEqual(expect.arrayContaining(['demo.sh', 'test.sh']));
  });

  it('has every exit code of the table that the program uses', async () => {
    const page = await textOf('docs/output-formats.md');
    const documented = [...page.matchAll(/^\| (?<code>\d+)\s+\| (?<meaning>[^|]+?)\s*\|$/gmu)].map(
      ({ groups }) => [Number(groups?.['code']), groups?.['meaning']] as const,
    );
    expect(documented.map(([code]) => code)).toEqual([0, ...Object.values(EXIT_CODES), 70]);
  });

  it.each([
    ['README.md', 'web'],
    ['docs/vm-file.md', 'my-vm'],
  ])('%s shows a file that loads without a warning', async (page, name) => {
    const [example = ''] = await blocks(page, 'yaml');
    const { machine, warnings } = loadMachine(page, example, { virtType: undefined });
    expect(warnings).toEqual([]);
    expect(machine.name).toBe(name);
  });

  it('shows in getting started what the picture shows, which is drawn from a run', async () => {
    const [session = ''] = await blocks('docs/getting-started.md', 'console');
    const printed = session.split('\n').filter((line) => line !== '' && !line.startsWith('$ '));
    const rows = [...(await textOf('docs/terminal.svg')).matchAll(/<text [^>]*>(?<row>.*?)<\/text>/gu)];
    const drawn = rows.map(({ groups }) => (groups?.['row'] ?? '').replaceAll(/<[^>]*>/gu, ''));
    expect(printed.length).toBeGreaterThan(10);
    expect(printed.filter((line) => !drawn.includes(line))).toStrictEqual([]);
  });

  it('shows an exported file that is one', async () => {
    const [session = ''] = await blocks('docs/export.md', 'console');
    const [, file = ''] = /^\$ cat vms\/db\.yaml\n(.*?)^\$ /msu.exec(session) ?? [];
    expect(loadMachine('db.yaml', file, { virtType: undefined }).machine.name).toBe('db');
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
    const shown =
      (await blocks('docs/validate.md', 'console')).find((text) => text.startsWith('$ plow validate')) ?? '';
    const told = environment.stderr.join('\n').replaceAll(folder, 'vms');
    expect(shown).toBe(`$ plow validate vms/*.yaml\n${told}\n`);
  });

  it('shows a document of mistakes as it is printed', async () => {
    const [example = ''] = await blocks('docs/validate.md', 'json');
    const { mistakes, ...rest } = JSON.parse(example) as { mistakes: object[] };
    const { diagnostics } = checkText('vms/a.yaml', 'name: web\nvcpu: 2\n', { virtType: undefined });
    const [diagnostic] = diagnostics.filter(({ key }) => key === 'vcpu');
    const files = [1, 2, 3].map((index) => ({
      ...checkText(`${index}`, '', { virtType: undefined }),
      diagnostics: [],
    }));
    const more =
      diagnostic === undefined ? [] : [{ subject: { file: '1' }, diagnostic: { ...diagnostic, file: '1' } }];
    const printed = validationDocument(files, more);
    expect({ version: 1, ...printed }).toEqual({
      ...rest,
      mistakes: mistakes.map((one) => ({ ...one, file: '1' })),
    });
  });

  it('shows a settings file that is one, with every key', async () => {
    const page = 'docs/settings.md';
    const [example = ''] = await blocks(page, 'yaml');
    const { values } = loadSettings(page, example);
    // One of host and connect.
    expect(Object.keys(values)).toEqual(settingsKeys([]).filter((key) => key !== 'connect'));
    expect(Object.keys(values.defaults ?? {}).toSorted()).toEqual(settingsKeys(['defaults']).toSorted());
  });
});

it('the workflow on GitHub runs what CI runs', async () => {
  const workflow = await readFile(new URL('.github/workflows/ci.yml', root), 'utf8');
  expect(workflow).toContain('run: .ci/run');
  expect(await readFile(fileURLToPath(new URL('.ci/run', root)), 'utf8')).toContain('scripts/test.sh');
});
