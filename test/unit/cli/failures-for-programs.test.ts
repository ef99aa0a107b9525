import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { wantsDocument } from '../../../src/cli/options/wants-document.ts';
import { fakeEnvironment } from './environment.ts';

describe('a document of a failure', () => {
  it.each([
    ['list -o json', true],
    ['list -ojson', true],
    ['list --output=yaml', true],
    ['destroy web --output json', true],
    ['create -qo json vm.yaml', true],
    ['list -o wide', false],
    ['list --columns json', false],
    ['show -- -o json', false],
    ['list -o', false],
  ])('is wanted by plow %s: %s', (line, wanted) => {
    expect(wantsDocument(line.split(' '))).toBe(wanted);
  });

  it('is what a command line that is refused ends with, and nothing else is said', async () => {
    const environment = fakeEnvironment();
    await expect(runCli(['list', '--nosuch', '-o', 'json'], environment)).rejects.toMatchObject({
      kind: 'config',
      message: "there is no option '--nosuch'",
      hint: expect.stringContaining('--help') as unknown,
    });
    expect(environment.stderr).toStrictEqual([]);
  });

  it('has the mistakes of a file with their places', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'plow-'));
    const file = join(directory, 'vm.yaml');
    await writeFile(file, 'name: web\nvcpus: none\n');
    const argv = ['create', '--dry-run', '-o', 'json', file];
    await expect(runCli(argv, fakeEnvironment())).rejects.toMatchObject({
      kind: 'validation',
      mistakes: expect.arrayContaining([
        expect.objectContaining({ file, line: 2, column: 8, key: 'vcpus' }),
      ]) as unknown,
    });
    await rm(directory, { recursive: true });
  });
});
