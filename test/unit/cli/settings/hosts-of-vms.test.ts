import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../../src/cli/program.ts';
import { PlowError } from '../../../../src/errors/plow-error.ts';
import { FakeHypervisor } from '../../vm/fake-hypervisor.ts';
import { domainOf } from '../../vm/list/tagged.ts';
import { fakeEnvironment } from '../environment.ts';

let folder = '';
let config = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-hosts-'));
  config = join(folder, 'plow.yaml');
  await writeFile(config, 'hosts: { hv1: { connect: "a:///" }, hv2: { connect: "b:///" } }\n');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** @returns where it connected to, and the states of the VMs then */
async function plow(words: string): Promise<readonly (string | undefined)[]> {
  const hypervisor = new FakeHypervisor();
  for (const name of ['web', 'db', 'odd:name'])
    hypervisor.addDomain(
      name,
      domainOf('web', [])
        .replaceAll('>web<', `>${name}<`)
        .replaceAll(/(?<=<uuid>)[^<]*/gu, randomUUID()),
      'running',
    );
  const environment = fakeEnvironment(hypervisor);
  try {
    await runCli(['--config', config, ...words.split(' ')], environment);
  } catch (error) {
    // What became of it there is another matter.
    if (!(error instanceof PlowError) || error.kind !== 'operation') throw error;
  }
  const off = [...hypervisor.domains].filter(([, { state }]) => state === 'shut off').map(([name]) => name);
  return [environment.connections[0], ...off];
}

describe('a VM whose host is named with it', () => {
  it.each([
    ['stop --force hv2:web', ['b:///', 'web']],
    ['stop --force hv2:web hv2:db', ['b:///', 'web', 'db']],
    ['detach disk hv2:web vdx', ['b:///']],
    ['detach nic --host hv1 web 52:54:00:00:00:01', ['a:///']],
    ['snapshot list hv2:web hv2:db', ['b:///']],
    ['ssh root@hv2:web true', ['b:///']],
    ['scp hv2:web:/etc/hosts .', ['b:///']],
    ['scp ./a:b c root@hv2:web:', ['b:///']],
    ['scp --host hv1 web:a:b .', ['a:///']],
    ['stop --force --host hv2 hv2:web', ['b:///', 'web']],
    ['stop --force --host hv1 odd:name', ['a:///', 'odd:name']],
  ])('%s', async (words, expected) => {
    expect(await plow(words)).toStrictEqual(expected);
  });

  it.each([
    ['stop --host hv1 hv2:web', '"hv2:web" names its host, and does not go with --host hv1'],
    ['stop hv2:web db', '"hv2:web" names its host, and "db" does not'],
    ['snapshot list hv2:web db', '"hv2:web" names its host, and "db" does not'],
    ['stop -c x:/// hv2:web', '"hv2:web" names its host, and does not go with --connect'],
  ])('%s is refused', async (words, message) => {
    await expect(plow(words)).rejects.toMatchObject({ kind: 'config', message });
  });
});
