import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { failureLines } from '../../../src/views/failure/text.ts';
import type { Fault } from '../vm/fake-hypervisor.ts';
import { FakeHypervisor } from '../vm/fake-hypervisor.ts';
import { ownDocument } from '../vm/shown.ts';
import { fakeEnvironment } from './environment.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'one-answer-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Every way to name a VM on a command line; FOLDER stands for a directory. */
const COMMANDS: readonly (readonly string[])[] = [
  ['show'],
  ['show', '-o', 'json'],
  ['show', '-o', 'yaml'],
  ['export'],
  ['export', '-d', 'FOLDER'],
  ['export', '--adopt'],
  ['export', '--adopt', '-d', 'FOLDER'],
  ['destroy'],
  ['destroy', '--yes'],
  ['destroy', '-q'],
  ['destroy', '-o', 'json'],
  ['destroy', '--timeout', '0', 'other-one', '--if-exists'],
];

/** What a command that looks into no document does as well. */
const NAMING = [...COMMANDS.filter((argv) => !argv.includes('--if-exists')), ['show', '--xml']];

function titled(commands: readonly (readonly string[])[]): (readonly [string, readonly string[]])[] {
  return commands.map((argv) => [argv.join(' '), argv]);
}

/** Whatever is asked of the VM itself says that there is none. */
const GONE: Fault = (call) => (/^Domain\.(?:xml|status)$/u.test(call) ? 'not-found' : undefined);

interface Answer {
  readonly code: number;
  readonly lines: readonly string[];
}

/** What a command says of the VM, be it thrown, told among others or written into a document. */
async function answerTo(argv: readonly string[], name: string, hypervisor: FakeHypervisor): Promise<Answer> {
  const environment = fakeEnvironment(hypervisor);
  const words = [...argv, name].map((word) => (word === 'FOLDER' ? folder : word));
  let code: number;
  try {
    code = await runCli(words, environment);
  } catch (error) {
    if (!(error instanceof PlowError)) throw error;
    environment.stderr.push(...failureLines(error, false));
    code = error.exitCode;
  }
  for (const line of environment.stdout.filter((one) => one.startsWith('{'))) {
    const { error } = JSON.parse(line) as { error: { message: string; hint: string } };
    environment.stderr.push(`error: ${error.message}`, `hint: ${error.hint}`);
  }
  return { code, lines: environment.stderr };
}

function host(...names: readonly string[]): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  for (const name of names) hypervisor.addDomain(name, ownDocument().replace('my-vm', name), 'shut off');
  return hypervisor;
}

describe.each(titled(NAMING))('a VM that does not exist, by plow %s,', (_command, argv) => {
  it.each([
    ['web-1', "did you mean 'web-2'?"],
    ['WEB-2', "did you mean 'web-2'?"],
    ['nothing-like-it', 'plow list --all shows the VMs there are'],
    ['vms/web-2.yaml', "it wants the name of a VM, not a file: 'web-2'?"],
    ['vms/x.yml', 'it wants the name of a VM, not a file; plow list --all shows the VMs there are'],
    ['0f7a2f0e-6b5c-4c3b-9d1a-000000000000', 'plow list --all shows the VMs there are'],
  ])('%s, is answered alike', async (name, hint) => {
    const hypervisor = host('web-2', 'db');
    const before = hypervisor.census();
    const { code, lines } = await answerTo(argv, name, hypervisor);
    expect(code).toBe(4);
    expect(lines).toStrictEqual(
      expect.arrayContaining([`error: VM '${name}' does not exist`, `hint: ${hint}`]),
    );
    expect(hypervisor.census()).toStrictEqual(before);
  });

  it('without a name, is asked for one', async () => {
    const { code, lines } = await answerTo(argv, '', host('web'));
    expect(code).toBe(1);
    expect(lines).toStrictEqual([
      `error: ${argv[0]} wants the name of a VM, got ""`,
      'hint: plow list --all shows the VMs there are',
    ]);
  });
});

describe.each(titled(COMMANDS))('by plow %s', (_command, argv) => {
  it('a VM that went away meanwhile is told to have been removed', async () => {
    const hypervisor = host('my-vm');
    hypervisor.fault = GONE;
    const { code, lines } = await answerTo(argv, 'my-vm', hypervisor);
    expect(code).toBe(4);
    expect(lines).toContain("error: VM 'my-vm' was removed by somebody else meanwhile");
  });

  it.each([
    ['is cut off', () => '<domain'],
    ['does not end', () => ownDocument().replace('</domain>', '')],
    ['is not XML', () => 'nothing'],
    ['is empty', () => ''],
  ])('a VM whose document %s is answered alike', async (_, document) => {
    const hypervisor = host();
    hypervisor.addDomain('my-vm', document(), 'shut off');
    const before = hypervisor.census();
    const { code, lines } = await answerTo(argv, 'my-vm', hypervisor);
    expect(code).toBe(4);
    expect(lines).toStrictEqual(
      expect.arrayContaining([
        "error: cannot read the document of VM 'my-vm'",
        'hint: see virsh dumpxml --inactive my-vm',
      ]),
    );
    expect(hypervisor.census()).toStrictEqual(before);
  });
});
