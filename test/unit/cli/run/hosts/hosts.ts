import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { runCli } from '../../../../../src/cli/program.ts';
import { PlowError } from '../../../../../src/errors/plow-error.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { domainOf } from '../../../vm/list/tagged.ts';
import { fakeEnvironment } from '../../environment.ts';
import type { FakeEnvironment } from '../../environment.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-hosts-'));
  const hosts = ['hv1', 'hv2', 'hv3'].map((name) => `  ${name}: { connect: "${name}:///" }`);
  await writeFile(join(folder, 'plow.yaml'), ['hosts:', ...hosts, ''].join('\n'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A host with VMs of these names that run. */
export function host(...names: readonly string[]): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  for (const name of names) {
    const xml = domainOf('web', [])
      .replaceAll('>web<', `>${name}<`)
      .replaceAll(/(?<=<uuid>)[^<]*/gu, randomUUID());
    hypervisor.addDomain(name, xml, 'running');
  }
  return hypervisor;
}

/** By name; one that is not named is away. */
export type Hosts = Readonly<Record<string, FakeHypervisor | 'away' | 'silent'>>;

/** A process that may connect to these. */
export function environmentOf(hosts: Hosts, signal = new AbortController().signal): FakeEnvironment {
  const environment = fakeEnvironment();
  return {
    ...environment,
    connect: async (uri) => {
      const there = hosts[uri.replace(':///', '')];
      if (there === 'silent') return new Promise(() => {});
      if (there === 'away' || there === undefined)
        throw new PlowError('connection', `cannot connect to ${uri}`, { hint: 'look at it' });
      environment.connections.push(uri);
      return { hypervisor: there, close: async () => environment.connections.push('closed') };
    },
    interruptible: () => ({ signal, making: () => {}, settled: () => {} }),
  };
}

/** What came of a command. */
export interface Ended {
  readonly environment: FakeEnvironment;
  readonly code: number | undefined;
  readonly error: unknown;
}

/** Runs a command with settings in which hv1 to hv3 are known. */
export async function plow(words: string, environment: FakeEnvironment): Promise<Ended> {
  try {
    const code = await runCli(['--config', join(folder, 'plow.yaml'), ...words.split(' ')], environment);
    return { environment, code, error: undefined };
  } catch (error) {
    return { environment, code: undefined, error };
  }
}
