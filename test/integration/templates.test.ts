import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { vm } from './vms.ts';

const host = useHost();

describe('a row of alike VMs', () => {
  it('is made of one file, is as that says, and as what it is rendered to says', async () => {
    const file = await host().write({ ...vm(), count: 3, name: 'row-{n}' });
    const made = await host().plow(['create', '--set', 'description=one of a row', file]);
    expect(made.code).toBe(0);
    const { stdout } = await host().plow(['list', '--all', '-o', 'name']);
    expect(stdout.split('\n').filter((name) => name.startsWith('row-'))).toStrictEqual([
      'row-1',
      'row-2',
      'row-3',
    ]);
    const same = await host().plow(['diff', '--set', 'description=one of a row', file]);
    expect([same.code, same.stderr]).toStrictEqual([0, '3 VMs: 3 the same\n']);
    const rendered = await host().plow(['render', '--set', 'description=one of a row', '-o', 'json', file]);
    for (const line of rendered.stdout.trim().split('\n')) {
      const { vm: one } = JSON.parse(line) as { readonly vm: object };
      const alone = await host().plow(['diff', await host().write(one)]);
      expect(alone.stderr).toBe('1 VM: 1 the same\n');
    }
    await host().plow(['destroy', 'row-1', 'row-2', 'row-3']);
  });
});
