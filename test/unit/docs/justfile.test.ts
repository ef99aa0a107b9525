import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const justfile = new URL('../../../examples/justfile', import.meta.url);

/** The lines of a recipe. */
async function recipe(name: string): Promise<string> {
  const text = await readFile(justfile, 'utf8');
  const [, body = ''] = new RegExp(`^${name}:\n((?: {4}.*\n|\n)+)`, 'mu').exec(text) ?? [];
  return body.replaceAll(/^ {4}/gmu, '').trim();
}

it('the recipe create-all reads no list of VMs, so that it takes hundreds, whatever they are called', async () => {
  expect(await recipe('create-all')).toBe('plow create --if-not-exists {{ vms }}/');
});
