import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../../../src/cli/program.ts';
import { resultDocument } from '../../../../../src/documents/result-schema.ts';
import { PlowError } from '../../../../../src/errors/plow-error.ts';
import { changed } from '../../../config/sample.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { fakeEnvironment } from '../../environment.ts';
import type { FakeEnvironment } from '../../environment.ts';

let folder = '';

/** A VM file, on a host or on none. */
async function file(name: string, last: number, place?: string): Promise<void> {
  const text = changed('my-vm', name)
    .replace('10.0.0.2', `10.0.0.${last}`)
    .replace(/image: .*/u, 'empty: true');
  await writeFile(join(folder, `${name}.yaml`), place === undefined ? text : `host: ${place}\n${text}`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-create-hosts-'));
  await writeFile(
    join(folder, 'plow.conf'),
    `hosts:
  hv1: { connect: "hv1:///", storage_path: /srv/one }
  hv2: { connect: "hv2:///", storage_path: /srv/two }
  hv3: { connect: "hv3:///", enabled: false }
`,
  );
  await file('a1', 2, 'hv1');
  await file('a2', 3, 'hv1');
  await file('b1', 4, 'hv2');
  await file('bare', 5);
  await file('odd', 6, 'hv9');
  await file('off', 7, 'hv3');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

type Hosts = Readonly<Record<string, FakeHypervisor>>;

function host(directory: string): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDirectory(directory);
  return hypervisor;
}

function environmentOf(hosts: Hosts): FakeEnvironment {
  const environment = fakeEnvironment();
  return {
    ...environment,
    connect: async (uri) => {
      const hypervisor = hosts[uri.replace(':///', '')];
      if (hypervisor === undefined) throw new PlowError('connection', `cannot connect to ${uri}`);
      environment.connections.push(uri);
      return { hypervisor, close: async () => environment.connections.push('closed') };
    },
  };
}

async function create(words: string, environment: FakeEnvironment): Promise<PlowError | undefined> {
  const argv = words
    .split(' ')
    .map((word) => (/^(?!hv|json)[a-z]+\d?$/u.test(word) ? join(folder, `${word}.yaml`) : word));
  try {
    await runCli(['--config', join(folder, 'plow.conf'), 'create', ...argv], environment);
    return undefined;
  } catch (error) {
    if (error instanceof PlowError) return error;
    throw error;
  }
}

describe('create on the hosts that files name', () => {
  it('makes each VM on its host, with the settings of that host', async () => {
    const hosts = { hv1: host('/srv/one'), hv2: host('/srv/two') };
    const environment = environmentOf(hosts);
    expect(await create('a1 b1 a2', environment)).toBeUndefined();
    expect([[...hosts.hv1.domains.keys()], [...hosts.hv2.domains.keys()]]).toStrictEqual([
      ['a1', 'a2'],
      ['b1'],
    ]);
    expect(hosts.hv2.domains.get('b1')?.xml).toContain('/srv/two/b1/');
    expect(environment.stdout).toContain("hv2: Successfully created VM 'b1'");
    expect(environment.stderr.at(-1)).toBe('3 VMs on 2 hosts: 3 created');
    expect(environment.connections.toSorted()).toStrictEqual(['closed', 'closed', 'hv1:///', 'hv2:///']);
  });

  it('works on the one host as without a name where all files name it', async () => {
    const hosts = { hv1: host('/srv/one') };
    const environment = environmentOf(hosts);
    expect(await create('a1', environment)).toBeUndefined();
    expect(environment.stdout.at(-1)).toBe("Successfully created VM 'a1'");
  });

  it('makes the others where a host is away, and counts its VMs as failed', async () => {
    const hosts = { hv1: host('/srv/one') };
    const environment = environmentOf(hosts);
    const error = await create('-o json a1 b1', environment);
    expect(error).toMatchObject({
      kind: 'connection',
      message: '1 of 2 VMs were not created: hv2:b1; could not be connected to: hv2',
    });
    const results = environment.stdout.map((line) => resultDocument.parse(JSON.parse(line)));
    expect(
      results.toSorted((one, other) => String(one.name).localeCompare(String(other.name))),
    ).toMatchObject([
      { host: 'hv1', name: 'a1', status: 'created' },
      { host: 'hv2', name: 'b1', status: 'failed', error: { kind: 'connection' } },
    ]);
  });

  it('refuses hosts that are not known, not enabled, or not meant, all at once and before anything', async () => {
    const environment = environmentOf({ hv1: host('/srv/one') });
    const error = await create('a1 odd off', environment);
    expect(error?.message.split('\n')).toStrictEqual([
      expect.stringMatching(/odd\.yaml:1:7: host: there is no host "hv9": .*plow\.conf has no such host/u),
      expect.stringMatching(/off\.yaml:1:7: host: host "hv3" is not enabled \(.*plow\.conf:4:/u),
    ]);
    const other = await create('--host hv2 a1', environment);
    expect(other?.message).toMatch(
      /a1\.yaml:1:7: host: the VM is to be on "hv1", which --host hv2 does not/u,
    );
    const none = await create('--host hv1,hv2 a1 bare', environment);
    expect(none?.message).toMatch(
      /bare\.yaml:1:1: host: is required, as several hosts are meant: one of hv1, hv2$/u,
    );
    expect(environment.connections).toStrictEqual([]);
  });

  it('dry prints the plans of each host in one piece', async () => {
    const hosts = { hv1: host('/srv/one'), hv2: host('/srv/two') };
    const environment = environmentOf(hosts);
    expect(await create('--dry-run a1 b1', environment)).toBeUndefined();
    const heads = environment.stdout.filter((line) => line.includes('# hv'));
    expect(heads.map((line) => line.trim()).toSorted()).toStrictEqual(['# hv1', '# hv2']);
    expect(environment.stderr.filter((line) => line.startsWith('dry run: '))).toHaveLength(2);
    expect([...hosts.hv1.domains.keys()]).toStrictEqual([]);
  });
});
