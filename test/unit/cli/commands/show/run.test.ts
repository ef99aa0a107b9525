import { describe, expect, it } from 'vitest';
import { runCli } from '../../../../../src/cli/program.ts';
import { running } from '../../../vm/shown.ts';
import { fakeEnvironment } from '../../environment.ts';
import type { FakeEnvironment } from '../../environment.ts';

const HOSTILE = '<domain>\n  <name>x\u009b31m\u202ey</name>\n</domain>\n';

function showing(): FakeEnvironment {
  return fakeEnvironment(running());
}

describe('plow show', () => {
  it('prints lines for people', async () => {
    const environment = showing();
    expect(await runCli(['show', 'my-vm'], environment)).toBe(0);
    expect(environment.stdout.slice(0, 2)).toStrictEqual([
      'Name:         my-vm',
      'State:        running (booted)',
    ]);
    expect(environment.connections).toStrictEqual(['qemu:///system', 'closed']);
  });

  it('prints one document for programs, without the password of the URI', async () => {
    const environment = showing();
    await runCli(['-c', 'qemu+tcp://me:geheim@hv/system', 'show', 'my-vm', '-o', 'json'], environment);
    expect(JSON.parse(environment.stdout.join(''))).toMatchObject({
      version: 1,
      uri: 'qemu+tcp://me:***@hv/system',
      vm: { name: 'my-vm' },
    });
  });

  it.each([false, true])('prints the document of a domain, on a terminal: %j', async (interactive) => {
    const hypervisor = running();
    hypervisor.live.set('my-vm', HOSTILE);
    const plain = fakeEnvironment(hypervisor);
    const environment = { ...plain, output: { ...plain.output, interactive } };
    expect(await runCli(['show', 'my-vm', '--xml'], environment)).toBe(0);
    expect(plain.stdout).toStrictEqual(['<domain>\n  <name>x&#x9b;31m&#x202e;y</name>\n</domain>']);
  });

  it.each([
    [['--xml'], 'read-only'],
    [['-o', 'json'], 'as-allowed'],
  ])('with %j wants a connection that is %s', async (options, wanted) => {
    const plain = showing();
    const asked: string[] = [];
    const environment: FakeEnvironment = {
      ...plain,
      connect: (uri, onCall, access) => {
        asked.push(access);
        return plain.connect(uri, onCall, access);
      },
    };
    expect(await runCli(['show', 'my-vm', ...options], environment)).toBe(0);
    expect(asked).toStrictEqual([wanted]);
  });

  it('takes --xml or a format', async () => {
    const environment = showing();
    const both = runCli(['show', 'my-vm', '--xml', '-o', 'json'], environment);
    await expect(both).rejects.toMatchObject({ kind: 'config', exitCode: 1 });
    expect(environment.connections).toStrictEqual([]);
  });

  it.each([[''], ['a\nb']])('refuses %j for a name', async (name) => {
    await expect(runCli(['show', name], showing())).rejects.toMatchObject({ kind: 'config' });
  });
});
