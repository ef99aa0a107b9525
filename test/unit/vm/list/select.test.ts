import { describe, expect, it } from 'vitest';
import { selectVms } from '../../../../src/vm/list/select.ts';
import type { Selection } from '../../../../src/vm/list/select.ts';
import { FakeHypervisor } from '../fake-hypervisor.ts';
import { domainOf } from './tagged.ts';

function host(): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  const tags: Readonly<Record<string, readonly string[]>> = {
    'web-1': ['web'],
    'web-2': ['web', 'blue'],
    db: ['blue'],
  };
  for (const [name, own] of Object.entries(tags)) hypervisor.addDomain(name, domainOf(name, own), 'shut off');
  hypervisor.addDomain('foreign', '<domain><name>foreign</name></domain>', 'running');
  return hypervisor;
}

async function names(selection: Partial<Selection>, hypervisor = host()): Promise<readonly string[]> {
  const vms = await selectVms({ words: [], all: false, tags: [], ...selection }, hypervisor);
  return vms.map((vm) => (typeof vm === 'string' ? `(no ${vm})` : vm.name));
}

describe('a choice of VMs', () => {
  it.each<[string, Partial<Selection>, readonly string[]]>([
    ['by name, in the order they are named', { words: ['web-2', 'db'] }, ['web-2', 'db']],
    ['by name, each once', { words: ['db', 'db'] }, ['db']],
    ['by name, with a word for one that there is not', { words: ['db', 'nosuch'] }, ['db', '(no nosuch)']],
    ['by pattern, in order', { words: ['web-*'] }, ['web-1', 'web-2']],
    ['by pattern and name, each once', { words: ['web-2', 'web-?'] }, ['web-2', 'web-1']],
    ['of all, made by plow or not', { all: true }, ['db', 'foreign', 'web-1', 'web-2']],
    ['by tag', { tags: ['web'] }, ['web-1', 'web-2']],
    ['by any of the tags', { tags: ['web', 'blue'] }, ['db', 'web-1', 'web-2']],
  ])('%s', async (_, selection, expected) => {
    expect(await names(selection)).toStrictEqual(expected);
  });

  it('names a VM once that is named by its name and its UUID', async () => {
    const hypervisor = host();
    const uuid = (await hypervisor.findDomain('db'))?.uuid ?? '';
    expect(await names({ words: ['db', uuid] }, hypervisor)).toStrictEqual(['db']);
  });

  it.each([
    [{ words: ['nosuch-*'] }, 'no VM has a name like "nosuch-*"'],
    [{ tags: ['blu'] }, 'no VM has the tag "blu"; did you mean \'blue\'?'],
    [{ tags: ['web', 'nothing-like-it'] }, 'no VM has the tag "nothing-like-it"'],
  ])('fails where nothing is meant: %j', async (selection, message) => {
    await expect(names(selection)).rejects.toMatchObject({ kind: 'operation', message });
  });

  it('is empty where there is no VM at all', async () => {
    expect(await names({ all: true }, new FakeHypervisor())).toStrictEqual([]);
  });

  it('costs one list for patterns and tags, and one look-up for each VM', async () => {
    const hypervisor = host();
    await names({ words: ['web-*', 'd*'] }, hypervisor);
    expect(hypervisor.calls).toStrictEqual(['listDomains', 'findDomain', 'findDomain', 'findDomain']);
  });
});
