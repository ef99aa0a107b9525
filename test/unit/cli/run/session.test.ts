import { describe, expect, it } from 'vitest';
import { runCli } from '../../../../src/cli/program.ts';
import { fakeEnvironment } from '../environment.ts';
import type { FakeEnvironment } from '../environment.ts';
import { listed, listing } from '../../vm/listed.ts';
import { FakeHypervisor } from '../../vm/fake-hypervisor.ts';

const DENIED = { what: "'bob' may do no more on h1", repair: 'as root there: usermod -aG libvirt bob' };

/** For an account that may only look; and what each connection was for. */
function looking(): FakeEnvironment & { readonly wanted: string[] } {
  const hypervisor = Object.assign(new FakeHypervisor(), listing(listed({ name: 'web' })));
  const environment = fakeEnvironment(hypervisor);
  const wanted: string[] = [];
  return {
    ...environment,
    wanted,
    connect: async (uri, onCall, access) => {
      wanted.push(access);
      const open = await environment.connect(uri, onCall, access);
      return access === 'as-allowed' ? { ...open, denied: DENIED } : open;
    },
  };
}

describe('an account that may only look', () => {
  it('is told so once, with what is not shown and what gives it the rest', async () => {
    const environment = looking();
    expect(await runCli(['list'], environment)).toBe(0);
    expect(environment.stderr).toStrictEqual([
      "note: read-only, as 'bob' may do no more on h1: addresses that only the agent of a guest tells are not shown; for all of it as root there: usermod -aG libvirt bob",
    ]);
  });

  it('is told nothing where nothing is lacking', async () => {
    const environment = looking();
    expect(await runCli(['list', '-o', 'name'], environment)).toBe(0);
    expect(environment).toMatchObject({ stdout: ['web'], stderr: [], wanted: ['as-allowed'] });
  });

  it.each([
    ['list', 'as-allowed'],
    ['doctor', 'as-allowed'],
    ['gc', 'full'],
    ['start web', 'full'],
    ['export --adopt web', 'full'],
    ['export web', 'as-allowed'],
    ['show --xml web', 'read-only'],
  ])('uses %s with a connection that is %s', async (words, access) => {
    const environment = looking();
    await runCli(words.split(' '), environment).catch(() => undefined);
    expect(environment.wanted).toStrictEqual([access]);
  });
});
