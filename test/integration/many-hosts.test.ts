import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctorDocument } from '../../src/documents/doctor-schema.ts';
import { errorDocument } from '../../src/documents/error-schema.ts';
import { hostsDocument } from '../../src/documents/hosts/hosts-schema.ts';
import { listDocument } from '../../src/documents/list-schema.ts';
import { startLab } from '../lab/lab.ts';
import type { Lab } from '../lab/lab.ts';

const PLOW = fileURLToPath(new URL('../../dist/plow.cjs', import.meta.url));
const NAMES = ['h1', 'h2', 'h3', 'h4'];

let lab: Lab | undefined;
let folder = '';
let config = '';

function there(): Lab {
  if (lab === undefined) throw new Error('the lab is there from beforeAll on');
  return lab;
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** When a line with these words came, in ms. */
  readonly seenMs: number;
  readonly tookMs: number;
}

/** Runs plow on this machine, which sees the sockets of all hosts. */
async function plow(words: readonly string[], seen = /^$/u): Promise<Ran> {
  const begun = performance.now();
  const child = spawn(process.execPath, [PLOW, '--config', config, ...words], {
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = text(child.stderr);
  let stdout = '';
  let seenMs = Infinity;
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
    if (seenMs === Infinity && seen.test(stdout)) seenMs = performance.now() - begun;
  });
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr: await said, seenMs, tookMs: performance.now() - begun };
}

beforeAll(async () => {
  lab = await startLab(NAMES.length);
  folder = await mkdtemp(join(tmpdir(), 'plow-hosts-'));
  config = join(folder, 'plow.yaml');
  const hosts = Object.fromEntries(
    NAMES.map((name) => [name, { connect: there().uri(name), labels: [name === 'h4' ? 'last' : 'first'] }]),
  );
  await writeFile(config, stringify({ hosts }));
  for (const name of NAMES) {
    const xml = `<domain type='qemu'><name>of-${name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
      <os><type arch='x86_64' machine='q35'>hvm</type></os></domain>`;
    await there().exec(name, ['sh', '-ec', 'cat | virsh --quiet define /dev/stdin'], { input: xml });
  }
});
afterAll(async () => {
  await lab?.stop();
  if (folder !== '') await rm(folder, { recursive: true });
});

describe('several hosts', () => {
  it('are listed in one table, each VM with its host', async () => {
    const { code, stdout, stderr } = await plow(['list', '--all', '--all-hosts']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').map((line) => line.split(/ +/u).slice(0, 2).join(' '))).toEqual([
      'HOST NAME',
      ...NAMES.map((name) => `${name} of-${name}`),
      '',
    ]);
    const named = await plow(['list', '--all', '--host', 'label:first', '-o', 'name', '--sort', '-name']);
    expect(named.stdout).toBe('h3:of-h3\nh2:of-h2\nh1:of-h1\n');
    expect((await plow(['list', '--all', '--host', 'h2', '-o', 'name'])).stdout).toBe('of-h2\n');
  });

  it('do not wait for one that hangs, which is told by its name', async () => {
    await there().libvirtd('h2', 'freeze');
    const [{ code, stdout, stderr, seenMs, tookMs }, asked] = await Promise.all([
      plow(['list', '--all', '--all-hosts'], /of-h1[^]*of-h3[^]*of-h4/u),
      plow(['list', '--all', '--all-hosts', '-o', 'json']),
    ]);
    await there().libvirtd('h2', 'thaw');
    expect(stdout).not.toContain('of-h2');
    expect(stderr).toMatch(
      /^error: h2: no answer from .*\nhint: .*\nerror: of 4 hosts 1 could not be connected to: h2\n$/u,
    );
    expect(code).toBe(3);
    expect(seenMs).toBeLessThan(tookMs / 2);
    expect(tookMs).toBeLessThan(20_000);
    expect(asked.code).toBe(3);
    const { hosts = [], vms } = listDocument.parse(JSON.parse(asked.stdout));
    expect(hosts.map(({ name, error }) => `${name} ${error?.kind ?? 'ok'}`)).toEqual([
      'h1 ok',
      'h2 connection',
      'h3 ok',
      'h4 ok',
    ]);
    expect(vms.map(({ host, name }) => `${host} ${name}`)).toEqual(['h1 of-h1', 'h3 of-h3', 'h4 of-h4']);
  });

  it('have the error of each told as its own', async () => {
    await there().libvirtd('h3', 'stop');
    const hosts = { h1: there().uri('h1'), away: 'qemu+tcp://127.0.0.1:1/system', down: there().uri('h3') };
    const entries = Object.entries(hosts).map(([name, connect]) => [name, { connect }]);
    const other = join(folder, 'other.yaml');
    await writeFile(other, stringify({ hosts: Object.fromEntries(entries) }));
    const { code, stderr } = await plow(['--config', other, 'list', '--all', '--all-hosts']);
    await there().libvirtd('h3', 'start');
    expect(code).toBe(3);
    expect(stderr).toMatch(/error: away: cannot connect to qemu\+tcp:.*Connection refused/u);
    expect(stderr).toMatch(/error: down: cannot connect to qemu\+unix:.*libvirtd is not running/u);
    expect(stderr).toContain('error: of 3 hosts 2 could not be connected to: away, down\n');
  });

  it('are shown at a glance, each with its room and its VMs', async () => {
    await there().libvirtd('h3', 'stop');
    const { code, stdout, stderr } = await plow(['hosts']);
    const { hosts } = hostsDocument.parse(JSON.parse((await plow(['hosts', '-o', 'json'])).stdout));
    await there().libvirtd('h3', 'start');
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^error: h3: cannot/u) as unknown,
    });
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/u).slice(0, 4).join('|'))).toEqual([
      'HOST|STATE|DOCTOR|VMS',
      'h1|up|warning|0 of 1 run',
      'h2|up|warning|0 of 1 run',
      'h3|unreachable|-|-',
      'h4|up|warning|0 of 1 run',
      '',
    ]);
    const [first] = hosts;
    expect(first).toMatchObject({ name: 'h1', labels: ['first'], error: null });
    const { cpus, memory, storage, qemu } = first?.facts ?? {};
    expect(`${cpus}`).toBe(
      await there()
        .exec('h1', ['nproc', '--all'])
        .then((ran) => ran.stdout.trim()),
    );
    expect([memory?.available_bytes, storage?.available_bytes].every((bytes) => (bytes ?? 0) > 2 ** 20)).toBe(
      true,
    );
    expect(qemu).toMatch(/^\d+\.\d+\.\d+$/u);
  });

  it('are looked through for a VM, also while one hangs', async () => {
    await there().libvirtd('h2', 'freeze');
    const [shown, nowhere, log, doctor] = await Promise.all([
      plow(['show', 'of-h3', '--host', 'h2,h3'], /^Host: +h3\nName: +of-h3$/mu),
      plow(['show', 'nosuch', '--host', 'h1,h3', '-o', 'json']),
      plow(['log', 'of-h3', '--host', 'h1,h3']),
      plow(['doctor', '--host', 'h1,h2', '-o', 'json'], /\}\n/u),
    ]);
    await there().libvirtd('h2', 'thaw');
    expect(shown.code).toBe(3);
    expect(shown.seenMs).toBeLessThan(shown.tookMs / 2);
    expect(shown.stderr).toMatch(
      /^error: h2: no answer from .*\nhint: .*\nerror: of 2 hosts 1 could not be /u,
    );
    expect(nowhere.code).toBe(4);
    const { error } = errorDocument.parse(JSON.parse(nowhere.stderr));
    expect(error.message).toBe('VM "nosuch" does not exist on h1, h3');
    expect(log.code).toBe(4);
    expect(log.stderr).toMatch(
      /^error: h3: VM 'of-h3' has no serial port[^]*\nerror: of 2 hosts 1 failed: h3\n$/u,
    );
    expect(doctor.code).toBe(3);
    expect(doctorDocument.parse(JSON.parse(doctor.stdout)).host).toBe('h1');
    expect(doctor.seenMs).toBeLessThan(doctor.tookMs / 2);
    const documents = doctor.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => errorDocument.parse(JSON.parse(line)));
    expect(documents.map(({ host, error: { kind } }) => `${host} ${kind}`)).toEqual([
      'h2 connection',
      'undefined connection',
    ]);
  });

  it('are too many for a command that is about one', async () => {
    const { code, stderr } = await plow(['console', 'web', '--all-hosts']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'error: this command is about one hypervisor, and several are meant\nhint: --host h1 takes one of them\n',
    });
  });
});
