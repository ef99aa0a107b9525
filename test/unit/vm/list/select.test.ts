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
  const found = vms.map(async ({ name, uuid, find }) => {
    const domain = await find().catch(() => undefined);
    expect(domain?.uuid ?? null).toBe(uuid);
    return domain === undefined ? `(no ${name})` : domain.name;
  });
  return Promise.all(found);
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

  it('takes a name that looks like a pattern for the name of the VM that has it', async () => {
    const hypervisor = host();
    hypervisor.addDomain('web-*', '<domain><name>web-*</name></domain>', 'running');
    expect(await names({ words: ['web-*'] }, hypervisor)).toStrictEqual(['web-*']);
  });

  it('tells who was named from who was meant among others', async () => {
    const vms = await selectVms({ words: ['web-1', 'web-*'], all: false, tags: [] }, host());
    expect(vms.map(({ name, isNamed }) => [name, isNamed])).toStrictEqual([
      ['web-1', true],
      ['web-2', false],
    ]);
  });

  it('means no VM that was made anew under the name of one meanwhile', async () => {
    const hypervisor = host();
    const [first] = await selectVms({ words: [], all: false, tags: ['web'] }, hypervisor);
    hypervisor.domains.delete('web-1');
    hypervisor.addDomain('web-1', '<domain><name>web-1</name><uuid>another</uuid></domain>', 'running');
    await expect(first?.find()).rejects.toMatchObject({
      message: "VM 'web-1' was removed by somebody else meanwhile",
    });
  });

  it('costs one list for patterns and tags, and no look-up until one is worked on', async () => {
    const hypervisor = host();
    await selectVms({ words: ['web-*', 'd*'], all: false, tags: [] }, hypervisor);
    expect(hypervisor.calls).toStrictEqual(['listDomains']);
  });
});
