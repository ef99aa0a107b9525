import { describe, expect, it } from 'vitest';
import { impassable } from '../../../../src/vm/host/directories.ts';
import { findFlawProblem } from '../../../../src/vm/host/storage-path.ts';
import { withRepair } from '../../../../src/vm/host-problem.ts';
import { PoolDirectories } from '../../../../src/vm/host/pool-directories.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';

const HOST = {
  virtTypes: [],
  machines: new Map<string, number>(),
  qemuUser: { uid: 64_055, gid: 64_055 },
} as const;

/** A host with these directories, each with a mode. */
function withModes(modes: Readonly<Record<string, string>>): TestContext {
  const context = testContext();
  for (const [path, mode] of Object.entries(modes)) {
    context.hypervisor.addDirectory(path);
    context.hypervisor.modes.set(path, mode);
  }
  return context;
}

async function why(
  path: string,
  context: TestContext,
  host: Parameters<typeof impassable>[2] = HOST,
): Promise<unknown> {
  const problem = await impassable(path, new PoolDirectories(context), host);
  return problem && withRepair(problem);
}

function told(path: string, quoted = path): string {
  return `QEMU's user (uid 64055) may not pass through ${path} (it has mode 0700, owner 0, group 0): chmod o+x ${quoted}`;
}

/** How often a directory was opened. */
function looks({ hypervisor }: TestContext): number {
  return hypervisor.calls.filter((call) => call === 'startPool').length;
}

describe('what keeps QEMU from passing through', () => {
  it.each([
    ['the first from the top', { '/a': '0700', '/a/b': '0700', '/a/b/c': '0700' }, '/a'],
    ['one in between', { '/a': '0755', '/a/b': '0700', '/a/b/c': '0755' }, '/a/b'],
    ['the directory itself', { '/a': '0711', '/a/b': '0711', '/a/b/c': '0700' }, '/a/b/c'],
  ])('is %s', async (_, modes, culprit) => {
    expect(await why('/a/b/c', withModes(modes))).toBe(told(culprit));
  });

  it('is named so that the command can be pasted', async () => {
    const path = "/my vm's";
    expect(await why(path, withModes({ [path]: '0700' }))).toBe(told(path, String.raw`'/my vm'\''s'`));
  });

  it('is nothing where it is not certain', async () => {
    const context = withModes({ '/a': '0710', '/a/b': '0755' });
    context.hypervisor.modes.delete('/a/b');
    expect(await why('/a/b', context)).toBeUndefined();
    expect(looks(context)).toBe(2);
  });

  it('is nothing where libvirt does not say who QEMU is, and nothing is looked at', async () => {
    const context = withModes({ '/a': '0700' });
    expect(await why('/a', context, { qemuUser: undefined })).toBeUndefined();
    expect(context.hypervisor.calls).toStrictEqual([]);
  });

  it("is never sought in libvirt's own directories, but below them", async () => {
    const own = { '/': '0700', '/var': '0700', '/var/lib': '0700', '/var/lib/libvirt': '0700' };
    const context = withModes({ ...own, '/var/lib/libvirt/images': '0700' });
    expect(await why('/var/lib/libvirt', context)).toBeUndefined();
    expect(context.hypervisor.calls).toStrictEqual([]);
    expect(await why('/var/lib/libvirt/images', context)).toBe(told('/var/lib/libvirt/images'));
  });

  it('is an error that libvirt has no name for', async () => {
    const context = withModes({ '/a': '0755' });
    context.hypervisor.fault = (call) => (call === 'startPool' ? 'other' : undefined);
    await expect(why('/a', context)).rejects.toMatchObject({ reason: 'other' });
  });
});

describe('a directory', () => {
  it('is looked at once, and its pool is gone afterwards', async () => {
    const context = withModes({ '/a': '0755', '/a/b': '0755', '/a/b/c': '0755', '/a/b/d': '0755' });
    const directories = new PoolDirectories(context);
    expect(await directories.visit('/a/b/c', (view) => view.names())).toStrictEqual([]);
    await impassable('/a/b/c', directories, HOST);
    await impassable('/a/b/d', directories, HOST);
    expect(await directories.facts('/a/b/c')).toMatchObject({ permissions: { mode: 0o755 } });
    expect(looks(context)).toBe(4);
    expect(context.hypervisor.pools.size).toBe(0);
  });

  it.each(['no-such-file', 'not-a-directory'] as const)('that cannot be opened is %s', async (reason) => {
    const context = testContext();
    context.hypervisor.fault = (call) => (call === 'startPool' ? reason : undefined);
    const directories = new PoolDirectories(context);
    expect(await directories.visit('/a', () => Promise.resolve('seen'))).toBe(reason);
    expect(await directories.facts('/a')).toBe(reason);
    expect(await impassable('/a', directories, HOST)).toBeUndefined();
    expect(looks(context)).toBe(1);
  });

  it.each([
    ['no-direct-io' as const, expect.stringContaining('/a does no direct I/O (O_DIRECT)') as unknown],
    ['read-only' as const, expect.stringContaining('/a is read-only') as unknown],
    ['none' as const, undefined],
    [undefined, undefined],
  ])('that has the flaw %s is told, where that is asked', async (flaw, text) => {
    const hypervisor = { findFlaw: async () => flaw };
    const found = await findFlawProblem('/a', ['no-direct-io', 'read-only'], hypervisor);
    expect(found?.text).toEqual(text);
    expect(await findFlawProblem('/a', [], hypervisor)).toBeUndefined();
  });
});
