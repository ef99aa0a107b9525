import { join } from 'node:path';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctorDocument } from '../../../../../src/documents/doctor-schema.ts';
import { errorDocument } from '../../../../../src/documents/error-schema.ts';
import { showDocument } from '../../../../../src/documents/show-schema.ts';
import { validateDocument } from '../../../../../src/documents/validate-schema.ts';
import { Interrupted } from '../../../../../src/errors/interrupted.ts';
import type { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { changed, SMALLEST } from '../../../config/sample.ts';
import { environmentOf, host, plow } from './hosts.ts';

/** Lines of some kind. */
function linesLike(lines: readonly string[], pattern: RegExp): readonly string[] {
  return lines
    .join('\n')
    .split('\n')
    .filter((line) => pattern.test(line));
}

describe('plow show over several hosts', () => {
  it('shows the VM of each that has one of this name, with its host', async () => {
    const hosts = { hv1: host('web'), hv2: host('db'), hv3: host('web') };
    const { code, environment } = await plow('show web --all-hosts', environmentOf(hosts));
    expect([code, environment.stderr]).toStrictEqual([0, []]);
    expect(linesLike(environment.stdout, /^(?:Host|Name|)(?:: .*)?$/u)).toStrictEqual([
      'Host:        hv1',
      'Name:        web',
      '',
      'Host:        hv3',
      'Name:        web',
    ]);
  });

  it('prints a line for each for programs, or documents of YAML', async () => {
    const hosts = { hv1: host('web'), hv2: host('web') };
    const json = await plow('show web --host hv1,hv2 -o json', environmentOf(hosts));
    expect(json.environment.stdout.map((line) => showDocument.parse(JSON.parse(line)))).toMatchObject([
      { host: 'hv1', uri: 'hv1:///', vm: { name: 'web' } },
      { host: 'hv2', uri: 'hv2:///', vm: { name: 'web' } },
    ]);
    const yaml = await plow('show web --host hv1,hv2 -o yaml', environmentOf(hosts));
    const documents = parseAllDocuments(yaml.environment.stdout.join('\n'));
    expect([...documents].map((one) => showDocument.parse(one.toJS()).host)).toStrictEqual(['hv1', 'hv2']);
  });

  it('is an error where none has it, and ends with that of a host that is away where one may', async () => {
    const hosts = { hv1: host('db'), hv2: host() };
    expect((await plow('show web --host hv1,hv2', environmentOf(hosts))).error).toMatchObject({
      kind: 'operation',
      message: 'VM "web" does not exist on hv1, hv2',
      hint: 'plow list --all --all-hosts shows the VMs there are',
    });
    expect((await plow('show web --all-hosts', environmentOf(hosts))).error).toMatchObject({
      kind: 'connection',
      message: 'of 3 hosts 1 could not be connected to: hv3; VM "web" does not exist on hv1, hv2',
    });
    const there = await plow('show db --all-hosts', environmentOf(hosts));
    expect(there.error).toMatchObject({
      kind: 'connection',
      message: 'of 3 hosts 1 could not be connected to: hv3',
    });
    expect(there.environment.stdout[0]).toBe('Host:        hv1');
    expect(there.environment.stderr).toStrictEqual([
      'error: hv3: cannot connect to hv3:///\nhint: look at it',
    ]);
  });

  it('tells programs of a host that is away in a document with its name', async () => {
    const { environment } = await plow(
      'show web --host hv1,hv2 -o json',
      environmentOf({ hv1: host('web') }),
    );
    expect(environment.stderr.map((line) => errorDocument.parse(JSON.parse(line)))).toMatchObject([
      { host: 'hv2', error: { kind: 'connection', hint: 'look at it', exit_code: 3 } },
    ]);
  });

  it('waits for no host that hangs, and is left at once by Ctrl-C', async () => {
    const controller = new AbortController();
    const environment = environmentOf({ hv1: host('web'), hv2: 'silent' }, controller.signal);
    const running = plow('show web --host hv1,hv2', environment);
    await expect.poll(() => environment.stdout[0]).toBe('Host:        hv1');
    controller.abort(new Interrupted('SIGINT'));
    expect((await running).error).toBeInstanceOf(Interrupted);
  });

  it('prints the document of a domain where one host has it', async () => {
    const hosts = { hv1: host('web'), hv2: host('web', 'db') };
    const one = await plow('show db --xml --host hv1,hv2', environmentOf(hosts));
    expect([one.code, one.environment.stdout.length]).toStrictEqual([0, 1]);
    expect(one.environment.stdout[0]).toContain('<name>db</name>');
    const two = await plow('show web --xml --host hv1,hv2', environmentOf(hosts));
    expect(two.environment.stdout).toStrictEqual([]);
    expect(two.error).toMatchObject({
      kind: 'config',
      message: '--xml prints one VM, and there is a VM "web" on hv1 and hv2',
      hint: 'hv1:web names one of them',
    });
  });
});

/** Has a VM that keeps the log of its console. */
function loggingHost(name: string, log: string): FakeHypervisor {
  const one = host(name);
  one.addDirectory('/images/web', 'console.log');
  one.directories.set('/images/web', new Map([['console.log', `raw ${log.length}`]]));
  one.contents.set('/images/web/console.log', Buffer.from(log));
  return one;
}

describe('plow log over several hosts', () => {
  it('puts its host before each line, wherever the VM is', async () => {
    const hosts = {
      hv1: loggingHost('web', 'one\ntwo\n'),
      hv2: host('db'),
      hv3: loggingHost('web', 'three\n'),
    };
    const { code, environment } = await plow('log web --all-hosts', environmentOf(hosts));
    expect(code).toBe(0);
    expect(environment.stdout.toSorted()).toStrictEqual(['hv1: one\nhv1: two', 'hv3: three']);
    const json = await plow('log web --all-hosts -n 1 -o json', environmentOf(hosts));
    expect(json.environment.stdout.map((line): unknown => JSON.parse(line))).toMatchObject([
      { host: 'hv1', name: 'web', line: 'two' },
      { host: 'hv3', name: 'web', line: 'three' },
    ]);
  });

  it('follows all of them until Ctrl-C, and tells of what goes wrong with one meanwhile', async () => {
    const controller = new AbortController();
    const hosts = { hv1: loggingHost('web', 'one\n'), hv2: loggingHost('web', 'two\n') };
    const environment = environmentOf(hosts, controller.signal);
    const running = plow('log web -f --all-hosts', environment);
    await expect.poll(() => environment.stdout.toSorted()).toStrictEqual(['hv1: one', 'hv2: two']);
    hosts.hv2.fault = (call) => (call === 'Domain.state' ? 'disconnected' : undefined);
    await expect.poll(() => environment.stderr.join('\n')).toContain('error: hv2: ');
    hosts.hv1.contents.set('/images/web/console.log', Buffer.from('one\nmore\n'));
    hosts.hv1.directories.set('/images/web', new Map([['console.log', 'raw 9']]));
    await expect.poll(() => environment.stdout, { timeout: 5000 }).toContain('hv1: more');
    controller.abort(new Interrupted('SIGINT'));
    expect(await running).toMatchObject({ code: 130, error: undefined });
  });

  it('of a VM that keeps none is that error alone', async () => {
    const { error, environment } = await plow(
      'log web --host hv1,hv2',
      environmentOf({ hv1: host(), hv2: host('web') }),
    );
    expect(error).toMatchObject({ kind: 'storage', message: 'of 2 hosts 1 failed: hv2' });
    expect(environment.stderr.join('\n')).toMatch(/^error: hv2: /u);
  });

  it('says where there is none', async () => {
    const { error } = await plow('log nosuch --host hv1,hv2', environmentOf({ hv1: host(), hv2: host() }));
    expect(error).toMatchObject({ kind: 'operation', message: 'VM "nosuch" does not exist on hv1, hv2' });
  });
});

describe('plow doctor over several hosts', () => {
  it('reports each under its name, and sums up', async () => {
    const [hv1, hv2] = [host(), host()];
    hv1.addDirectory('/var/lib/libvirt/images');
    const { code, environment } = await plow('doctor --host hv1,hv2', environmentOf({ hv1, hv2 }));
    expect(code).toBe(5);
    const heads = linesLike(environment.stdout, /^(?:hv\d:)?$|failure/u);
    expect(heads.filter((line) => line === '')).toHaveLength(1);
    expect(heads[heads.indexOf('hv2:') + 1]).toMatch(/^1 failure/u);
    expect(heads).toContain('hv1:');
    expect(environment.stderr).toStrictEqual(['2 hosts: 1 without failures, 1 with failures: hv2']);
  });

  it('counts hosts that are away apart, and ends with the highest exit code', async () => {
    const hv1 = host();
    const failing = await plow('doctor --host hv1,hv3 -o json', environmentOf({ hv1 }));
    expect(
      failing.environment.stdout.map((line) => doctorDocument.parse(JSON.parse(line)).host),
    ).toStrictEqual(['hv1']);
    expect(failing.error).toMatchObject({
      kind: 'storage',
      message: 'of 2 hosts 1 could not be connected to: hv3; 1 with failures: hv1',
    });
    hv1.addDirectory('/var/lib/libvirt/images');
    const { error, environment } = await plow('doctor --host hv1,hv3', environmentOf({ hv1 }));
    expect(error).toMatchObject({
      kind: 'connection',
      message: 'of 2 hosts 1 could not be connected to: hv3',
    });
    expect(environment.stderr[0]).toMatch(/^error: hv3: cannot connect/u);
  });

  it('is ended by Ctrl-C once each has ended what it had begun', async () => {
    const controller = new AbortController();
    const hv1 = host();
    const environment = environmentOf({ hv1, hv2: 'silent' }, controller.signal);
    hv1.qemuVersion = async () => {
      controller.abort(new Interrupted('SIGINT'));
      await sleep(50);
      environment.connections.push('looked');
      return 7_002_022;
    };
    const { error } = await plow('doctor --host hv1,hv2', environment);
    expect(error).toBeInstanceOf(Interrupted);
    expect([environment.stdout, environment.stderr]).toStrictEqual([[], []]);
    expect(environment.connections).toStrictEqual(['hv1:///', 'looked', 'closed']);
  });
});

const placed = (text: string): string => text.replace('/img/', '/var/lib/libvirt/images/');

/** On which the smallest VM can be made. */
function able(): FakeHypervisor {
  const one = host();
  one.addDirectory('/var/lib/libvirt/images', 'a.qcow2');
  return one;
}

describe('plow validate over several hosts', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plow-validate-'));
    await writeFile(join(folder, 'a.yaml'), placed(SMALLEST));
    await writeFile(
      join(folder, 'b.yaml'),
      placed(changed('vcpus: 2', 'vcpu: 2')).replace('my-vm', 'other').replace('10.0.0.2', '10.0.0.3'),
    );
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('asks each about every file, and tells by whom', async () => {
    const [hv1, hv2] = [able(), able()];
    hv2.interfaces.delete('br0');
    const { code, environment } = await plow(
      `validate --on-host --host hv1,hv2 ${folder}`,
      environmentOf({ hv1, hv2 }),
    );
    expect(code).toBe(2);
    expect(linesLike(environment.stderr, /error|files/u)).toStrictEqual([
      expect.stringMatching(/^error: .*b\.yaml:\d+:\d+: vcpu: unknown key/u),
      expect.stringMatching(/^error: hv2: .*a\.yaml:\d+:\d+: network_interfaces\[0\]\.bridge: /u),
      expect.stringMatching(/^2 files: 0 valid, 2 with mistakes; hv1: \d checks were not made/u),
    ]);
    const asked = await plow(`validate --host hv1,hv2 -o json ${folder}`, environmentOf({ hv1, hv2 }));
    const { mistakes } = validateDocument.parse(JSON.parse(asked.environment.stdout.join('\n')));
    expect(mistakes.map(({ host: of, key }) => `${of} ${key}`)).toStrictEqual([
      'hv2 network_interfaces[0].bridge',
      'undefined vcpu',
    ]);
  });

  it('fills in files as each host says, and tells once what is wrong with them everywhere', async () => {
    const config = join(folder, 'plow.conf');
    await writeFile(
      config,
      'hosts: { hv1: { connect: "hv1:///", defaults: { bridge: br0 } }, hv2: { connect: "hv2:///" } }\n',
    );
    const file = join(folder, 'c.yml');
    await writeFile(file, placed(changed(/ *bridge: br0\n/u.exec(SMALLEST)?.[0] ?? '', '')));
    const hosts = { hv1: able(), hv2: able() };
    const { code, environment } = await plow(
      `--config ${config} validate --all-hosts ${file} ${join(folder, 'b.yaml')}`,
      environmentOf(hosts),
    );
    expect(code).toBe(2);
    expect(linesLike(environment.stderr, /^error/u)).toStrictEqual([
      expect.stringMatching(/^error: [^:]*b\.yaml:\d+:\d+: vcpu: unknown key/u),
      expect.stringMatching(/^error: hv2: [^:]*c\.yml:\d+:\d+: network_interfaces\[0\]\.bridge: /u),
    ]);
    expect(new Set(environment.connections)).toStrictEqual(new Set(['hv1:///', 'hv2:///', 'closed']));
  });

  it('tells what was found elsewhere where one is away', async () => {
    const { error, environment } = await plow(
      `validate --all-hosts ${join(folder, 'a.yaml')}`,
      environmentOf({ hv1: able(), hv2: able() }),
    );
    expect(error).toMatchObject({
      kind: 'connection',
      message: 'of 3 hosts 1 could not be connected to: hv3',
    });
    expect(environment.stderr).toStrictEqual([
      expect.stringMatching(/^error: hv3: cannot connect/u),
      expect.stringMatching(/^note: hv\d: hv3 was not looked at for names and addresses: cannot connect/u),
      expect.stringMatching(/^1 file: 1 valid; hv1: \d checks were not made/u),
    ]);
  });
});
