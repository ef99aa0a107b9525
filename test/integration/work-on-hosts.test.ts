import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultDocument } from '../../src/documents/result-schema.ts';
import type { ResultDocument } from '../../src/documents/result-schema.ts';
import { startLab } from '../lab/lab.ts';
import type { Lab } from '../lab/lab.ts';

const PLOW = fileURLToPath(new URL('../../dist/plow.cjs', import.meta.url));
const HOSTS = ['h1', 'h2', 'h3'] as const;
type Host = (typeof HOSTS)[number];

let lab: Lab | undefined;
let folder = '';

function there(): Lab {
  if (lab === undefined) throw new Error('the lab is there from beforeAll on');
  return lab;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs plow on this machine, which sees the sockets of all hosts. */
function start(...words: readonly string[]): Running {
  const child = spawn(process.execPath, [PLOW, '--config', join(folder, 'plow.yaml'), ...words], {
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { child, ended: said.then(([stdout, stderr]) => ({ code: child.exitCode, stdout, stderr })) };
}

async function plow(...words: readonly string[]): Promise<Ran> {
  return start(...words).ended;
}

function results({ stdout }: Ran): readonly string[] {
  const told = stdout
    .trim()
    .split('\n')
    .map((line): ResultDocument => resultDocument.parse(JSON.parse(line)));
  return told.map(({ host, name, status }) => `${host}:${name} ${status}`).toSorted();
}

/** @returns the path of a VM file */
async function file(name: string, host: Host, last: number): Promise<string> {
  const path = join(folder, `${name}.yaml`);
  const ip = `10.77.1.${last}/16`;
  const nics = [{ ip, gateway: '10.77.0.1', bridge: 'br0' }];
  const boot = { size_gb: 1, empty: true };
  const vm = { name, host, vcpus: 1, memory_mib: 64, boot_disk: boot, network_interfaces: nics };
  await writeFile(path, stringify(vm));
  return path;
}

async function domains(host: Host): Promise<readonly string[]> {
  const { stdout } = await there().exec(host, ['virsh', 'list', '--all', '--name']);
  return stdout.split('\n').filter((name) => name !== '');
}

async function inStorage(host: Host): Promise<string> {
  const listing = 'ls /var/lib/libvirt/images /var/lib/libvirt/qemu/nvram; virsh pool-list --all --name';
  return (await there().exec(host, ['sh', '-c', listing])).stdout;
}

beforeAll(async () => {
  lab = await startLab(HOSTS.length);
  folder = await mkdtemp(join(tmpdir(), 'plow-work-'));
  const hosts = Object.fromEntries(HOSTS.map((name) => [name, { connect: there().uri(name) }]));
  await writeFile(join(folder, 'plow.yaml'), stringify({ hosts, virt_type: 'qemu' }));
});
afterAll(async () => {
  await lab?.stop();
  if (folder !== '') await rm(folder, { recursive: true });
});

describe('work on several hosts', () => {
  it('makes VMs where their files say, also where one host does not answer', async () => {
    const files = await Promise.all(HOSTS.map((host, index) => file(`web-${index}`, host, 20 + index)));
    await there().libvirtd('h2', 'freeze');
    const made = await plow('create', '-o', 'json', ...files);
    await there().libvirtd('h2', 'thaw');
    expect(results(made)).toEqual(['h1:web-0 created', 'h2:web-1 failed', 'h3:web-2 created']);
    expect(made.code).toBe(3);
    expect(JSON.parse(made.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { message: '1 of 3 VMs were not created: h2:web-1; could not be connected to: h2' },
    });
    expect([await domains('h1'), await domains('h2'), await domains('h3')]).toEqual([
      ['web-0'],
      [],
      ['web-2'],
    ]);
    const again = await plow('create', '--if-not-exists', ...files);
    expect(again).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^3 VMs on 3 hosts: \d \w+, \d \w+\n$/mu) as unknown,
    });
  });

  it('stops and starts them by pattern and by name, each told with its host', async () => {
    const stopped = await plow('stop', '--force', '--all-hosts', 'web-*', '-o', 'json');
    expect(results(stopped)).toEqual(['h1:web-0 stopped', 'h2:web-1 stopped', 'h3:web-2 stopped']);
    const started = await plow('start', 'h1:web-0', 'h3:web-2');
    expect(started).toMatchObject({ code: 0, stderr: '2 VMs on 2 hosts: 2 started\n' });
    expect(started.stdout).toContain("h3: VM 'web-2' started");
    const named = await plow('start', '--host', 'h1,h2', 'web-1', '-o', 'json');
    expect(results(named)).toEqual(['h2:web-1 started']);
  });

  it('takes back what is under way on all hosts at one Ctrl-C, and leaves nothing', async () => {
    const before = await Promise.all(HOSTS.map(inStorage));
    const files = await Promise.all(HOSTS.map((host, index) => file(`more-${index}`, host, 30 + index)));
    const { child, ended } = start('create', '--verbose', '-o', 'json', ...files);
    let said = '';
    const isUnderWay = new Promise<void>((resolve) => {
      child.stderr?.on('data', (bytes: Buffer) => {
        said += bytes.toString();
        if (said.includes('virDomainDefineXML')) resolve();
      });
    });
    await Promise.race([isUnderWay, ended]);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toMatchObject({ code: 130 });
    expect(stderr.match(/interrupted: /gu)).toHaveLength(1);
    const kept = results({ code, stdout, stderr }).filter((one) => one.endsWith(' created'));
    // One that was complete by then stays.
    for (const one of kept) await plow('destroy', '--force', one.replace(' created', ''));
    expect(await Promise.all(HOSTS.map(inStorage))).toEqual(before);
  });

  it('destroys them, in a pipe by a pattern with --yes only', async () => {
    const refused = await plow('destroy', '--all-hosts', 'web-*');
    expect(refused.stderr).toContain(
      'error: nothing was destroyed: these 3 VMs are meant, but not named: h1:web-0, h2:web-1, h3:web-2',
    );
    const gone = await plow('destroy', '--all-hosts', '--force', '--yes', 'web-*', '-o', 'json');
    expect(results(gone)).toEqual(['h1:web-0 destroyed', 'h2:web-1 destroyed', 'h3:web-2 destroyed']);
    expect([await domains('h1'), await domains('h2'), await domains('h3')]).toEqual([[], [], []]);
  });
});
