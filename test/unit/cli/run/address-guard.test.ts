import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { addressGuards } from '../../../../src/cli/run/address-guard.ts';
import { PlowError } from '../../../../src/errors/plow-error.ts';
import { fakeEnvironment } from '../environment.ts';
import type { FakeEnvironment } from '../environment.ts';
import { FakeHypervisor } from '../../vm/fake-hypervisor.ts';

const hung = vi.hoisted(() => ({ waited: [] as number[] }));
vi.mock('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => {
    hung.waited.push(milliseconds);
    await new Promise(setImmediate);
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
  },
}));

const HOSTS = `hosts:
  hv1: { connect: 'qemu:///system' }
  hv2: { connect: 'qemu+ssh://root@hv2/system' }
  hv3: { connect: 'qemu+ssh://root@hv3/system?keyfile=/k' }
  hv4: { connect: 'qemu+tcp://hv4/system' }
  off: { connect: 'qemu+tcp://off/system', enabled: false }
`;
let folder = '';
let config = '';

beforeAll(async () => {
  // The guard loads it late, which may take longer than a time that is over at once.
  await import('../../../../src/vm/network/elsewhere.ts');
  folder = await mkdtemp(join(tmpdir(), 'plow-guard-'));
  config = join(folder, 'plow.yaml');
  await writeFile(config, HOSTS);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => void hung.waited.splice(0));

/** A process that reaches hv2 and, after all others, finds hv3 down; hv4 says nothing. */
function surroundings(): FakeEnvironment {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDomain('web', '<domain/>', 'running');
  const environment = fakeEnvironment(hypervisor);
  const connect = environment.connect.bind(environment);
  environment.connect = async (uri, onCall, access, isOneOfMany) => {
    if (uri.includes('hv4')) return new Promise(() => {});
    if (uri.includes('hv3')) throw new PlowError('connection', 'hv3 gives no answer over ssh\nand more');
    expect({ access, isOneOfMany }).toStrictEqual({ access: 'read-only', isOneOfMany: true });
    return connect(uri, onCall, access, isOneOfMany);
  };
  return environment;
}

describe('the other hosts of the settings', () => {
  it('are asked once, nobody being asked for a password, and not waited for', async () => {
    const environment = surroundings();
    const guardOf = await addressGuards({ config }, environment, true);
    const { elsewhere, isForced } = guardOf({ host: 'hv1', uri: 'qemu:///system' });
    expect({ isForced, connections: environment.connections }).toStrictEqual({
      isForced: true,
      connections: [],
    });
    const found = await elsewhere?.();
    expect(found?.hosts.map(({ host, vms }) => [host, vms.map(({ name }) => name)])).toStrictEqual([
      ['hv2', ['web']],
    ]);
    expect(found?.unseen).toStrictEqual([
      { host: 'hv3', why: 'hv3 gives no answer over ssh' },
      { host: 'hv4', why: 'no answer within 10 seconds' },
    ]);
    expect(hung.waited).toStrictEqual([10_000]);
    await elsewhere?.();
    await guardOf({ host: 'hv3', uri: '' }).elsewhere?.();
    expect(environment.connections).toStrictEqual([
      'qemu+ssh://root@hv2/system?no_tty=1',
      'closed',
      'qemu:///system',
      'closed',
    ]);
  });

  it('are none for a host that is given by the URI of the only one', async () => {
    const only = join(folder, 'only.yaml');
    await writeFile(only, "hosts: { hv1: { connect: 'qemu:///system' } }\n");
    const guardOf = await addressGuards({ config: only }, surroundings());
    expect(guardOf({ host: undefined, uri: 'qemu:///system' })).toStrictEqual({
      isForced: false,
      isAnycast: false,
    });
  });
});
