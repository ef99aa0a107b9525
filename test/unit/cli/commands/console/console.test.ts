import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { typed } from '../../../../../src/cli/commands/console/typed.ts';
import { runCli } from '../../../../../src/cli/program.ts';
import { FakeConsole } from '../../../vm/fake/console.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { fakeEnvironment } from '../../environment.ts';

/** What is typed, as far as the guest gets it. */
function keyboard(isTerminal: boolean): { input: PassThrough; sent: string[]; left: Promise<void> } {
  const input = new PassThrough();
  const sent: string[] = [];
  const send = async (bytes: Uint8Array): Promise<void> => void sent.push(Buffer.from(bytes).toString());
  return { input, sent, left: typed(input, send, isTerminal).left };
}

it('leaves by Ctrl-] in a terminal, after what was typed before it', async () => {
  const { input, sent, left } = keyboard(true);
  input.write('ls\r\u001Dnot for the guest');
  await left;
  expect(sent).toEqual(['ls\r']);
});

it('leaves when the terminal is gone', async () => {
  const { input, left } = keyboard(true);
  input.end();
  await expect(left).resolves.toBeUndefined();
});

it('takes every byte of a pipe, and goes on after its end', async () => {
  const { input, sent, left } = keyboard(false);
  input.write('a\u001Db');
  await new Promise(setImmediate);
  input.end('c');
  const first = await Promise.race([
    left.then(() => 'left'),
    new Promise((resolve) => setTimeout(resolve, 50, 'on')),
  ]);
  expect([sent, first]).toEqual([['a\u001Db', 'c'], 'on']);
});

it('prints what the guest writes until the VM stops', async () => {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDomain('web', '<domain><name>web</name></domain>', 'running');
  hypervisor.console = new FakeConsole(['web ', 'is up\r\n']);
  const environment = fakeEnvironment(hypervisor);
  expect(await runCli(['console', 'web'], environment)).toBe(0);
  expect(environment.stdout).toEqual(['web ', 'is up\r\n']);
  expect(environment.stderr).toEqual(["VM 'web' has stopped"]);
  expect(hypervisor.console.isDisposed).toBe(true);
});
