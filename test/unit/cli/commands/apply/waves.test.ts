import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyDocument } from '../../../../../src/documents/fleet/apply-schema.ts';
import { runCli } from '../../../../../src/cli/program.ts';
import { changed } from '../../../config/sample.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { environmentOf } from '../../run/hosts/hosts.ts';
import type { Hosts } from '../../run/hosts/hosts.ts';
import type { FakeEnvironment } from '../../environment.ts';

interface Vm {
  readonly host: string;
  readonly group: string | undefined;
}

const VMS: Readonly<Record<string, Vm>> = {
  'web-1': { host: 'hv1', group: 'web' },
  'web-2': { host: 'hv2', group: 'web' },
  'web-3': { host: 'hv3', group: 'web' },
  db: { host: 'hv1', group: 'db' },
  plain: { host: 'hv1', group: undefined },
};

let folder = '';
let hosts: Readonly<Record<string, FakeHypervisor>> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-waves-'));
  const places = ['hv1', 'hv2', 'hv3'].map((name) => `  ${name}: { connect: "${name}:///" }`);
  await writeFile(join(folder, 'settings'), ['hosts:', ...places, ''].join('\n'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** All of them run, with a CPU less than their files say. */
beforeEach(async () => {
  hosts = { hv1: newHost(), hv2: newHost(), hv3: newHost() };
  await writeFiles(2);
  await plow(hosts, 'create', folder);
  await writeFiles(3);
});

function newHost(): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDirectory('/var/lib/libvirt/images');
  return hypervisor;
}

async function writeFiles(vcpus: number): Promise<void> {
  for (const [index, [name, { host, group }]] of Object.entries(VMS).entries()) {
    const text = changed('my-vm', name)
      .replace('vcpus: 2', `vcpus: ${vcpus}`)
      .replace('10.0.0.2', `10.0.0.${index + 2}`)
      .replace(/image: .*/u, 'empty: true');
    const more = `host: ${host}\n${group === undefined ? '' : `group: ${group}\n`}`;
    await writeFile(join(folder, `${index}-${name}.yaml`), `${text}${more}`);
  }
}

async function plow(at: Hosts, ...argv: readonly string[]): Promise<FakeEnvironment & { code: number }> {
  const environment = environmentOf(at);
  const code = await runCli(['--config', join(folder, 'settings'), ...argv], environment).catch(
    (error: unknown) => {
      environment.stderr.push(String(error));
      return 99;
    },
  );
  return { ...environment, code };
}

/** The most VMs that were off at the same time as a guest was asked to shut down, by what is counted. */
function watch(keyOf: (name: string) => string | undefined): () => number {
  let most = 0;
  for (const hypervisor of Object.values(hosts)) {
    hypervisor.fault = (call) => {
      if (call !== 'Domain.start') return undefined;
      const off = Object.values(hosts).flatMap(({ domains }) =>
        [...domains].flatMap(([name, { state }]) => (state === 'shut off' ? (keyOf(name) ?? []) : [])),
      );
      for (const key of off) most = Math.max(most, off.filter((one) => one === key).length);
      return undefined;
    };
  }
  return () => most;
}

function wavesIn({ stdout }: FakeEnvironment): Readonly<Record<string, string>> {
  const documents = stdout.map((line) => applyDocument.parse(JSON.parse(line)));
  return Object.fromEntries(documents.map(({ name, wave, status }) => [name, `${wave} ${status}`]));
}

describe('plow apply', () => {
  it('takes no two VMs of one group down together', async () => {
    const most = watch((name) => VMS[name]?.group);
    const ended = await plow(hosts, 'apply', '-o', 'json', '--allow', 'reboot', folder);
    expect(wavesIn(ended)).toStrictEqual({
      'web-1': '1 changed',
      'web-2': '2 changed',
      'web-3': '3 changed',
      db: '1 changed',
      plain: '1 changed',
    });
    expect(most()).toBe(1);
    expect(ended.code).toBe(0);
  });

  it('leaves the others of a group up when one of them fails, and changes all others', async () => {
    fail('hv2');
    const ended = await plow(hosts, 'apply', '--allow', 'reboot', folder);
    expect(ended.stdout.filter((line) => line.startsWith('wave'))).toStrictEqual([
      'wave 1: hv1:web-1, hv1:db, hv1:plain',
      'wave 2: hv2:web-2',
      'wave 3: hv3:web-3',
    ]);
    expect(ended.stderr).toContain("not begun, as 'hv2:web-2' of the same group failed: hv3:web-3");
    expect(hosts['hv3']?.calls).not.toContain('Domain.shutdown');
    expect(hosts['hv1']?.calls.filter((call) => call === 'Domain.shutdown')).toHaveLength(3);
  });

  it('leaves the others of a group up whose host is away', async () => {
    const ended = await plow({ ...hosts, hv1: 'away' }, 'apply', '--allow', 'reboot', folder);
    expect(ended.stderr).toContain("not begun, as 'hv1' of the same group failed: hv2:web-2, hv3:web-3");
    expect(hosts['hv3']?.calls).not.toContain('Domain.shutdown');
  });

  it('takes a canary first, and then no two of one host down together', async () => {
    const most = watch((name) => VMS[name]?.host);
    const argv = ['apply', '-o', 'json', '--allow', 'reboot', '--canary', '1', '--until', 'running'];
    const ended = await plow(hosts, ...argv, folder);
    expect(wavesIn(ended)).toStrictEqual({
      'web-1': '1 changed',
      'web-2': '2 changed',
      'web-3': '3 changed',
      db: '2 changed',
      plain: '3 changed',
    });
    expect(most()).toBe(1);
    expect(ended.code).toBe(0);
  });

  it('ends with the first failure of a canary, and says what was not begun', async () => {
    fail('hv1');
    const ended = await plow(hosts, 'apply', '--allow', 'reboot', '--canary', '1', folder);
    expect(ended.stderr).toContain(
      "not begun, as 'hv1:web-1' failed: hv1:db, hv1:plain, hv2:web-2, hv3:web-3",
    );
    for (const name of ['hv2', 'hv3']) expect(hosts[name]?.calls).not.toContain('Domain.shutdown');
  });

  it('begins nothing with a canary where a host is away', async () => {
    const argv = ['apply', '-o', 'json', '--allow', 'reboot', '--canary', '1', folder];
    const ended = await plow({ ...hosts, hv3: 'away' }, ...argv);
    expect(wavesIn(ended)).toStrictEqual({
      'web-1': '1 not begun',
      'web-2': '2 not begun',
      db: '2 not begun',
      plain: '3 not begun',
    });
    for (const name of ['hv1', 'hv2']) expect(hosts[name]?.calls).not.toContain('Domain.shutdown');
  });
});

/** Has no VM there start. */
function fail(name: string): void {
  const hypervisor = hosts[name];
  if (hypervisor === undefined) throw new Error(`there is no ${name}`);
  hypervisor.fault = (call) => (call === 'Domain.start' ? 'other' : undefined);
}
