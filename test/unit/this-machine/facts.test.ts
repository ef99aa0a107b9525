import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { LOCAL_FACTS } from '../../../src/this-machine/facts.ts';
import { linkHere } from '../../../src/this-machine/links.ts';

const directory = mkdtempSync(join(tmpdir(), 'plow-local-'));
const file = join(directory, 'file');
writeFileSync(file, 'text\n');
afterAll(() => rmSync(directory, { recursive: true }));

it('knows files and directories that are there, and no others', async () => {
  const exist = [file, directory, `${file}.no`].map((path) => LOCAL_FACTS.exists(path));
  expect(await Promise.all(exist)).toStrictEqual([true, true, false]);
});

it('reads files that can be read', async () => {
  const texts = [file, directory, `${file}.no`].map((path) => LOCAL_FACTS.read(path));
  expect(await Promise.all(texts)).toStrictEqual(['text\n', undefined, undefined]);
});

it('tells a directory that is empty from one that cannot be read', async () => {
  const empty = join(directory, 'empty');
  mkdirSync(empty);
  const names = [directory, empty, file].map((path) => LOCAL_FACTS.names(path));
  expect((await Promise.all(names)).map((all) => all?.toSorted())).toStrictEqual([
    ['empty', 'file'],
    [],
    undefined,
  ]);
});

it.each([
  ['a program that succeeds', 'sh', ['-c', 'echo enabled'], 'enabled'],
  ['a program that says no', 'sh', ['-c', 'echo disabled; echo words >&2; exit 1'], 'disabled'],
  ['a program that is not there', 'no-such-program', [], undefined],
  [
    'a program of the system, without the variables of plow',
    'sh',
    ['-c', 'echo $PATH$HOME'],
    '/usr/sbin:/usr/bin:/sbin:/bin',
  ],
  ['a program that is ended', 'sh', ['-c', 'echo half; kill -TERM $$'], undefined],
])('hears %s', async (_, program, args, heard) => {
  expect(await LOCAL_FACTS.output(program, args)).toBe(heard);
});

it('knows no link of an interface that is not there', async () => {
  expect(await linkHere('nosuch')).toBeUndefined();
  expect(await linkHere('lo')).toMatch(/^(?:up|down)$/u);
});
