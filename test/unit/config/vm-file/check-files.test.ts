import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkFiles } from '../../../../src/config/vm-file/check-files.ts';
import { describe as lineOf } from '../../../../src/config/diagnostics/diagnostic.ts';
import { changed, SMALLEST } from '../sample.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-check-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/**
 * Writes texts as a.yaml, b.yaml and so on, and checks them.
 * @returns the diagnostics, and for each file what it is
 */
async function check(...texts: readonly string[]): Promise<readonly string[]> {
  const files = texts.map((_, index) => join(folder, `${'abcdef'.charAt(index)}.yaml`));
  await Promise.all(files.map((file, index) => writeFile(file, texts[index] ?? '')));
  return outcome(files);
}

async function outcome(files: readonly string[]): Promise<readonly string[]> {
  const checked = await checkFiles(files, { virtType: undefined });
  const lines = checked.flatMap(({ diagnostics, refusal }) => [
    ...diagnostics.map(lineOf),
    refusal ?? 'sound',
  ]);
  return lines.map((line) => line.replaceAll(`${folder}/`, ''));
}

/** A VM that differs from the smallest in all that must differ. */
const OTHER = changed('my-vm', 'other').replace('10.0.0.2', '10.0.0.3');

describe('files that are checked together', () => {
  it('are sound where they differ in name and address', async () => {
    expect(await check(SMALLEST, OTHER)).toStrictEqual(['sound', 'sound']);
  });

  it('cannot have the same name, in whatever case', async () => {
    expect(await check(SMALLEST, OTHER.replace('other', 'My-VM'))).toStrictEqual([
      'sound',
      "b.yaml:1:7: name: the VM is called 'my-vm', in lower case",
      'b.yaml:1:7: name: my-vm is already the name of the VM in a.yaml:1:7',
      'validation',
    ]);
  });

  it('cannot have the same address, and are told once that it makes the same MAC address', async () => {
    expect(await check(OTHER, changed('10.0.0.2/24', '10.0.0.3/16'))).toStrictEqual([
      'sound',
      'b.yaml:8:9: network_interfaces[0].ip: 10.0.0.3 is already the address of the VM in a.yaml:8:9',
      'validation',
    ]);
  });

  it('are told of the first that has it, each later one', async () => {
    const third = OTHER.replace('10.0.0.3', '10.0.0.2');
    expect(await check(SMALLEST, SMALLEST, third)).toStrictEqual([
      'sound',
      'b.yaml:1:7: name: my-vm is already the name of the VM in a.yaml:1:7',
      'b.yaml:8:9: network_interfaces[0].ip: 10.0.0.2 is already the address of the VM in a.yaml:8:9',
      'validation',
      'c.yaml:8:9: network_interfaces[0].ip: 10.0.0.2 is already the address of the VM in a.yaml:8:9',
      'validation',
    ]);
  });

  it('are compared also where they have mistakes, which are told in the order of the file', async () => {
    const first = changed('vcpus: 2', 'vcpus: no');
    const second = changed('bridge: br0', 'bridge: a/b').replace('memory_gib: 4', 'memory_gib: 0');
    expect(await check(first, second)).toStrictEqual([
      'a.yaml:2:8: vcpus: expected a whole number, found the text "no"',
      'validation',
      'b.yaml:1:7: name: my-vm is already the name of the VM in a.yaml:1:7',
      'b.yaml:3:13: memory_gib: must be at least 1, got 0',
      'b.yaml:8:9: network_interfaces[0].ip: 10.0.0.2 is already the address of the VM in a.yaml:8:9',
      'b.yaml:10:13: network_interfaces[0].bridge: must be the name of a bridge, such as br0, of letters, digits, ., - and _, got "a/b"',
      'validation',
    ]);
  });

  it('are not compared in what is no name and no address', async () => {
    const wrong = changed('my-vm', 'x y').replace('10.0.0.2/24', 'dhcp');
    expect((await check(wrong, wrong)).filter((line) => line.includes('already'))).toStrictEqual([]);
    expect(await check('- a', '- a')).toHaveLength(4);
    expect(await check('a: [', 'a: [')).toHaveLength(4);
  });

  it('keep what is odd about them beside the mistake', async () => {
    const far = OTHER.replace('gateway: 10.0.0.1', 'gateway: 10.9.0.1').replace('other', 'my-vm');
    expect(await check(SMALLEST, far)).toStrictEqual([
      'sound',
      'b.yaml:1:7: name: my-vm is already the name of the VM in a.yaml:1:7',
      'b.yaml:9:14: network_interfaces[0].gateway: 10.9.0.1 is outside 10.0.0.3/24; it will be used as an on-link gateway',
      'validation',
    ]);
  });
});

describe('a file', () => {
  it('counts once, by whatever path it is given', async () => {
    await writeFile(join(folder, 'one.yaml'), SMALLEST);
    await symlink('one.yaml', join(folder, 'link.yaml'));
    const paths = ['one.yaml', 'link.yaml', 'one.yaml', './one.yaml'].map((file) => `${folder}/${file}`);
    expect(await outcome([...paths, relative('.', join(folder, 'one.yaml'))])).toStrictEqual(['sound']);
  });

  it('that cannot be read is told, and the others are checked all the same', async () => {
    await mkdir(join(folder, 'vms'));
    await writeFile(join(folder, 'fine.yaml'), SMALLEST);
    const files = ['missing.yaml', 'vms', 'fine.yaml', 'missing.yaml'];
    expect(await outcome(files.map((file) => join(folder, file)))).toStrictEqual([
      'missing.yaml: cannot be read: no such file',
      'config',
      'vms: the directory holds no file that is called *.yaml or *.yml',
      'config',
      'sound',
    ]);
  });

  it('may be one of a directory: those called *.yaml and *.yml, sorted, not further down, each once', async () => {
    const dir = join(folder, 'dir');
    await mkdir(join(dir, 'old.yaml'), { recursive: true });
    await mkdir(join(dir, 'below'));
    for (const name of ['c.yml', 'b.yaml', 'notes.txt', '.hidden.yaml', 'below/d.yaml', 'old.yaml/e.yaml'])
      await writeFile(join(dir, name), SMALLEST);
    const words = [join(dir, 'c.yml'), dir, `${dir}/`];
    const checked = await checkFiles(words, { virtType: undefined });
    expect(checked.map(({ file }) => file)).toStrictEqual([join(dir, 'c.yml'), join(dir, 'b.yaml')]);
    expect(await outcome(words)).toStrictEqual([
      'sound',
      'dir/b.yaml:1:7: name: my-vm is already the name of the VM in dir/c.yml:1:7',
      'dir/b.yaml:8:9: network_interfaces[0].ip: 10.0.0.2 is already the address of the VM in dir/c.yml:8:9',
      'validation',
    ]);
  });

  it('has its place among hundreds, in the order given', async () => {
    const files = Array.from({ length: 300 }, (_, index) => join(folder, `many-${index}.yaml`));
    const texts = files.map((_, index) =>
      changed('my-vm', `vm-${index}`)
        .replace('10.0.0.2/24', `10.${index % 250}.${Math.floor(index / 250)}.2/8`)
        .replace('10.0.0.1', '10.255.0.1'),
    );
    await Promise.all(files.map((file, index) => writeFile(file, texts[index] ?? '')));
    const checked = await checkFiles(files, { virtType: undefined });
    expect(checked.map(({ file }) => file)).toStrictEqual(files);
    expect(checked.flatMap(({ diagnostics }) => diagnostics)).toStrictEqual([]);
  });
});
