import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resultDocument } from '../../../../../src/documents/result-schema.ts';
import type { ResultDocument } from '../../../../../src/documents/result-schema.ts';
import { Interrupted } from '../../../../../src/errors/interrupted.ts';
import type { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { environmentOf, host, plow } from './hosts.ts';
import type { Ended } from './hosts.ts';

function statesOf({ domains }: FakeHypervisor): readonly string[] {
  return [...domains].map(([name, { state }]) => `${name} ${state}`);
}

function results({ environment }: Ended): readonly ResultDocument[] {
  return environment.stdout.map((line) => resultDocument.parse(JSON.parse(line)));
}

describe('VMs of several hosts', () => {
  it('that a pattern means are worked on wherever they are, each told with its host, and summed up', async () => {
    const [hv1, hv2] = [host('web-1', 'db'), host('web-2')];
    const ended = await plow('stop --force --host hv1,hv2 web-*', environmentOf({ hv1, hv2 }));
    expect(ended.error).toBeUndefined();
    expect([statesOf(hv1), statesOf(hv2)]).toStrictEqual([
      ['web-1 shut off', 'db running'],
      ['web-2 shut off'],
    ]);
    const { stdout, stderr, connections } = ended.environment;
    expect(stdout.toSorted()).toStrictEqual(["✓ hv1: VM 'web-1' stopped", "✓ hv2: VM 'web-2' stopped"]);
    expect(stderr).toStrictEqual(['2 VMs on 2 hosts: 2 stopped']);
    expect(connections.toSorted()).toStrictEqual(['closed', 'closed', 'hv1:///', 'hv2:///']);
  });

  it('are a line each for programs, and so is a host that is away', async () => {
    const hosts = { hv1: host('web'), hv2: 'away', hv3: host() } as const;
    const ended = await plow('stop --force --all-hosts --all -o json', environmentOf(hosts));
    expect(ended.error).toMatchObject({ kind: 'connection', message: 'could not be connected to: hv2' });
    expect(
      results(ended).toSorted((one, other) => String(one.host).localeCompare(String(other.host))),
    ).toMatchObject([
      { host: 'hv1', name: 'web', status: 'stopped', error: null },
      { host: 'hv2', name: null, status: 'unreachable', error: { kind: 'connection', hint: 'look at it' } },
    ]);
  });

  it('are named with their hosts, and not waited for where another host is silent', async () => {
    const controller = new AbortController();
    const hv1 = host('web');
    const environment = environmentOf({ hv1, hv2: 'silent' }, controller.signal);
    const running = plow('stop --force hv1:web hv2:db', environment);
    await expect.poll(() => statesOf(hv1)).toStrictEqual(['web shut off']);
    controller.abort(new Interrupted('SIGINT'));
    expect((await running).error).toBeInstanceOf(Interrupted);
    expect(environment.stderr.at(-1)).toBe('stopped: hv1:web; not asked: hv2');
  });

  it('of a name that stands alone are found where they are', async () => {
    const [hv1, hv2] = [host('web'), host('db')];
    const ended = await plow('stop --force --host hv1,hv2 db web nosuch', environmentOf({ hv1, hv2 }));
    expect(ended.error).toMatchObject({ kind: 'operation', message: '1 of 3 VMs were not stopped: nosuch' });
    expect(ended.environment.stderr).toStrictEqual([
      'error: VM "nosuch" does not exist on hv1, hv2',
      'hint: plow list --all --all-hosts shows the VMs there are',
      '3 VMs on 2 hosts: 2 stopped, 1 failed',
    ]);
    expect([...statesOf(hv1), ...statesOf(hv2)]).toStrictEqual(['web shut off', 'db shut off']);
  });

  it('of one name on two hosts are refused before anything is done', async () => {
    const [hv1, hv2] = [host('web'), host('web', 'db')];
    const ended = await plow('stop --force --host hv1,hv2 db web', environmentOf({ hv1, hv2 }));
    expect(ended.error).toMatchObject({
      kind: 'config',
      message: 'there is a VM "web" on hv1 and hv2: nothing was done',
      hint: 'hv1:web names one of them',
    });
    expect(statesOf(hv2)).toStrictEqual(['web running', 'db running']);
  });

  it('that no pattern means are an error, unless a host could not be asked', async () => {
    const hosts = { hv1: host('web'), hv2: host('db') };
    const { error } = await plow('stop --force --host hv1,hv2 web x-*', environmentOf(hosts));
    expect(error).toMatchObject({ message: 'no VM of hv1, hv2 has a name like "x-*"' });
    const away = await plow('stop --force --host hv1,hv2 x-*', environmentOf({ ...hosts, hv2: 'away' }));
    expect(away.error).toMatchObject({
      message: 'could not be connected to: hv2; no VM of hv1 has a name like "x-*"',
    });
  });

  it('are destroyed only where nobody else may be meant', async () => {
    const hosts = { hv1: host('web'), hv2: 'away' } as const;
    const ended = await plow('destroy --force --all-hosts web', environmentOf(hosts));
    expect(ended.error).toMatchObject({
      kind: 'connection',
      message: 'nothing was destroyed: whether hv2 has a VM "web" too is not known',
      hint: 'hv1:web names this one',
    });
    expect(statesOf(hosts.hv1)).toStrictEqual(['web running']);
    await plow('destroy --force hv1:web', environmentOf(hosts));
    expect(statesOf(hosts.hv1)).toStrictEqual([]);
  });

  it('whose name has a colon are not destroyed either while another host may have one', async () => {
    const hosts = { hv1: host('my:web'), hv2: 'away' } as const;
    const ended = await plow('destroy --force --all-hosts my:web', environmentOf(hosts));
    expect(ended.error).toMatchObject({
      message: 'nothing was destroyed: whether hv2 has a VM "my:web" too is not known',
    });
    expect(statesOf(hosts.hv1)).toStrictEqual(['my:web running']);
  });

  it('that a pattern means on a host that is away are not told to be missing on another', async () => {
    const hosts = { hv1: host('web-1'), hv2: 'away' } as const;
    const { error } = await plow('stop --force hv1:web-* hv2:db-*', environmentOf(hosts));
    expect(error).toMatchObject({ message: 'could not be connected to: hv2' });
  });

  it('are destroyed in a pipe by a pattern only with --yes, and asked about once in a terminal', async () => {
    const hosts = { hv1: host('web-1'), hv2: host('web-2') };
    const { error } = await plow('destroy --host hv1,hv2 web-*', environmentOf(hosts));
    expect(error).toMatchObject({
      message: 'nothing was destroyed: these 2 VMs are meant, but not named: hv1:web-1, hv2:web-2',
    });
    const questions: string[] = [];
    const ask = async (question: string): Promise<string> => {
      questions.push(question);
      return 'yes';
    };
    await plow('destroy --host hv1,hv2 web-*', { ...environmentOf(hosts), ask });
    expect(questions).toStrictEqual([
      [
        "VM 'hv1:web-1' runs and was not made by plow.",
        "VM 'hv2:web-2' runs and was not made by plow.",
        'Destroy these 2 VMs with their disks: hv1:web-1, hv2:web-2? [y/N] ',
      ].join('\n'),
    ]);
    expect([statesOf(hosts.hv1), statesOf(hosts.hv2)]).toStrictEqual([[], []]);
  });

  it('go on where those of a host whose connection breaks are not begun', async () => {
    const [hv1, hv2] = [host('a'), host('b')];
    hv1.fault = (call) =>
      call === 'Domain.state' || call === 'findDomainByUuid' ? 'disconnected' : undefined;
    const ended = await plow('stop --force --host hv1,hv2 --all', environmentOf({ hv1, hv2 }));
    expect(ended.error).toMatchObject({ kind: 'connection' });
    expect(statesOf(hv2)).toStrictEqual(['b shut off']);
  });

  it('of one hypervisor under two names are worked on once, unless a word names the other', async () => {
    const twins = await mkdtemp(join(tmpdir(), 'plow-twins-'));
    const config = join(twins, 'plow.yaml');
    await writeFile(config, 'hosts: { hv1: { connect: "hv1:///" }, twin: { connect: "hv1:///" } }\n');
    const hosts = { hv1: host('web') };
    const once = await plow(`--config ${config} stop --force --all-hosts --all`, environmentOf(hosts));
    expect(once.environment.stderr).toStrictEqual(['1 VM on 1 host: 1 stopped']);
    expect(once.environment.connections).toStrictEqual(['hv1:///', 'closed']);
    const named = await plow(`--config ${config} start twin:web`, environmentOf(hosts));
    expect(named.error).toBeUndefined();
    await rm(twins, { recursive: true });
  });
});
