import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { describe as lineOf } from '../../../../src/config/diagnostics/diagnostic.ts';
import { checkFiles } from '../../../../src/config/vm-file/check-files.ts';
import { VmFileReader } from '../../../../src/config/vm-file/reader.ts';
import { changed, SMALLEST } from '../sample.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-locks-'));
  await writeFile(join(folder, 'a.yaml'), NAMED);
});
afterEach(() => rm(folder, { recursive: true }));

const NAMED = changed('/img/a.qcow2', 'debian');
const OTHER = NAMED.replace('my-vm', 'other').replace('10.0.0.2', '10.0.0.3');
const build = (version: string): string =>
  `{ version: '${version}', url: https://example.com/a.qcow2, format: qcow2, content: sha256:${'a'.repeat(64)} }`;

async function check(lock: string, ...files: readonly string[]): Promise<readonly string[]> {
  await writeFile(join(folder, 'images.lock'), lock);
  const names = ['a.yaml', ...files].map((file) => join(folder, file));
  const checked = await checkFiles(names, { virtType: undefined }, new VmFileReader());
  return checked
    .flatMap(({ diagnostics, refusal }) => [...diagnostics.map(lineOf), refusal ?? 'sound'])
    .map((line) => line.replaceAll(`${folder}/`, ''));
}

it('tells what is wrong with a lock once, and of each file where that matters', async () => {
  await writeFile(join(folder, 'b.yaml'), OTHER);
  const text = 'boot_disk.image: which build debian means is not known: the lock has mistakes, the first at';
  const [own, ofFirst, first, ofSecond, second, ...more] = await check(
    'images: { debian: { x86: {} } }',
    'b.yaml',
  );
  expect(own).toBe(`images.lock:1:21: images.debian.x86: unknown key; did you mean 'x86_64'?`);
  expect(ofFirst).toMatch(/^a\.yaml:\d+:\d+: /u);
  expect(ofFirst).toContain(`${text} images.lock:1:21`);
  expect(ofSecond).toMatch(/^b\.yaml:\d+:\d+: /u);
  expect([first, second, more]).toStrictEqual(['config', 'config', []]);
});

it('has no word for a file that needs no lock', async () => {
  await writeFile(join(folder, 'a.yaml'), SMALLEST);
  expect(await check('nonsense: [')).toStrictEqual(['sound']);
  await writeFile(join(folder, 'a.yaml'), NAMED.replace('debian', `sha256:${'a'.repeat(64)}`));
  expect(await check('nonsense: [')).toStrictEqual(['sound']);
});

it('compares versions and architectures where it can', async () => {
  const lock = `images: { debian: { x86_64: ${build('1')}, aarch64: ${build('2')} } }`;
  const asked = async (image: string, more = ''): Promise<string> => {
    await writeFile(join(folder, 'a.yaml'), NAMED.replace('debian', image) + more);
    return (await check(lock)).join(' ').replace(/^a\.yaml:\S+ boot_disk\.image: /u, '');
  };
  expect(await asked('debian')).toBe('sound');
  expect(await asked('debian@1')).toBe('sound');
  expect(await asked('debian@2', 'arch: aarch64\n')).toBe('sound');
  expect(await asked('debian@3')).toContain('images.lock, which has 1 and 2: write debian,');
  expect(await asked('debian@1', 'arch: aarch64\n')).toContain('images.lock, which has 2: ');
  expect(await asked('fedora@1')).toBe('sound');
  expect(await asked('fedora')).toContain('fedora is not in images.lock');
});

it('is that of the directory that was named, and not of where a link leads', async () => {
  await mkdir(join(folder, 'far'));
  await writeFile(join(folder, 'far', 'far.yaml'), OTHER);
  await writeFile(join(folder, 'far', 'images.lock'), 'nonsense: [');
  await symlink('far/far.yaml', join(folder, 'near.yaml'));
  expect(await check(`images: { debian: { x86_64: ${build('1')} } }`, 'near.yaml')).toStrictEqual([
    'sound',
    'sound',
  ]);
});
