import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { imageDocument } from '../../src/documents/images/image-schema.ts';
import type { ImageDocument } from '../../src/documents/images/image-schema.ts';
import { startLab } from '../lab/lab.ts';
import type { Lab } from '../lab/lab.ts';
import { IMAGES } from './vms.ts';

const PLOW = fileURLToPath(new URL('../../dist/plow.cjs', import.meta.url));
const SERVER = fileURLToPath(new URL('web-server.mjs', import.meta.url));
const HOSTS = ['h1', 'h2', 'h3'] as const;
type Host = (typeof HOSTS)[number];
const STORE = `${IMAGES}/plow.images`;
const MIB = 2 ** 20;

let lab: Lab | undefined;
let server: ChildProcess | undefined;
let folder = '';
let digest = '';
let port = '';
let served = '';

function there(): Lab {
  if (lab === undefined) throw new Error('the lab is there from beforeAll on');
  return lab;
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs plow on this machine, which sees the sockets of all hosts. */
function start(...words: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ran> } {
  const child = spawn(process.execPath, [PLOW, '--config', join(folder, 'plow.yaml'), ...words], {
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { child, ended: said.then(([stdout, stderr]) => ({ code: child.exitCode, stdout, stderr })) };
}

const plow = (...words: readonly string[]): Promise<Ran> => start(...words).ended;

function pullOf(path = 'disk.qcow2'): readonly string[] {
  const url = `http://127.0.0.1:${port}/${path}`;
  return ['image', 'pull', url, '--name', 'disk', '--checksum', `sha256:${digest}`];
}

function documents({ stdout }: Ran): readonly ImageDocument[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => imageDocument.parse(JSON.parse(line)))
    .toSorted((one, other) => ((one.host ?? '') < (other.host ?? '') ? -1 : 1));
}

const statuses = (ran: Ran): readonly string[] =>
  documents(ran).map(({ host, status }) => `${host} ${status}`);

async function sh(host: Host, command: string): Promise<string> {
  const { code, stdout, stderr } = await there().exec(host, ['sh', '-ec', command]);
  if (code !== 0) throw new Error(`${host}: ${command}\nexit code ${code}: ${stderr}`);
  return stdout.trim();
}

/** Digests of the images of a host, and whether all is as it is to be once nobody works there. */
async function imagesOn(host: Host): Promise<string> {
  expect(await sh(host, 'virsh pool-list --all --name')).toBe('');
  return sh(
    host,
    `cd ${STORE} 2> /dev/null || exit 0; for file in *.qcow2 *.raw; do
    [ ! -e "$file" ] || sha256sum < "$file" | cut -c-64; done`,
  );
}

const leftOn = (host: Host): Promise<string> => sh(host, `ls -A ${STORE} 2> /dev/null || true`);

/** How often the web was asked since the last time. */
function requests(): number {
  const count = served.match(/^GET /gmu)?.length ?? 0;
  served = '';
  return count;
}

async function untilThere(host: Host): Promise<void> {
  await sh(
    host,
    `until [ "$(stat -c %s ${STORE}/*.qcow2 2> /dev/null || echo 0)" -gt 300000 ]; do sleep 0.05; done`,
  );
}

beforeAll(async () => {
  lab = await startLab(HOSTS.length);
  folder = await mkdtemp(join(tmpdir(), 'plow-image-hosts-'));
  const hosts = Object.fromEntries(
    HOSTS.map((name) => [name, { connect: there().uri(name), labels: ['all'] }]),
  );
  await writeFile(join(folder, 'plow.yaml'), stringify({ hosts }));
  await writeFile(join(folder, 'data'), randomBytes(4 * MIB));
  await there().exec('h1', [
    'sh',
    '-ec',
    `cd ${folder}; qemu-img create -q -f raw whole.raw 64M; dd if=data of=whole.raw bs=1M seek=20 conv=notrunc status=none
      qemu-img convert -f raw -O qcow2 whole.raw disk.qcow2; rm data whole.raw`,
  ]);
  digest = createHash('sha256')
    .update(await readFile(join(folder, 'disk.qcow2')))
    .digest('hex');
  server = spawn(process.execPath, [SERVER, folder, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  server.stdout?.on('data', (bytes: Buffer) => (served += bytes.toString()));
  while (!served.includes('ready')) await once(server.stdout ?? server, 'data');
  port = /ready (?<port>\d+)/u.exec(served)?.groups?.['port'] ?? '';
});
afterAll(async () => {
  server?.kill();
  await lab?.stop();
  if (folder !== '') await rm(folder, { recursive: true });
});
afterEach(async () => {
  requests();
  for (const host of HOSTS) await sh(host, `umount ${STORE} 2> /dev/null || true; rm -rf ${STORE}`);
});

describe('an image that is pulled to several hosts', () => {
  it('is downloaded once, and is there on each with all its bytes', async () => {
    const ran = await plow('--host', 'label:all', ...pullOf(), '-o', 'json');
    expect({ ...ran, stdout: '' }).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(statuses(ran)).toEqual(['h1 pulled', 'h2 pulled', 'h3 pulled']);
    expect(requests()).toBe(1);
    for (const host of HOSTS) expect(await imagesOn(host)).toBe(digest);
    const again = await plow('--all-hosts', ...pullOf());
    expect(again.code).toBe(0);
    expect(again.stdout.match(/^✓ h[123]: disk@\w+ is there already: /gmu)).toHaveLength(3);
    expect(requests()).toBe(0);
  });

  it('is listed and verified on all, each with its host', async () => {
    expect((await plow('--host', 'h1,h3', ...pullOf())).code).toBe(0);
    const listed = await plow('image', 'list', '--all-hosts');
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout.split('\n').map((line) => line.split(/ +/u).slice(0, 2).join(' '))).toEqual([
      'HOST NAME',
      'h1 disk',
      'h3 disk',
      '',
    ]);
    expect(statuses(await plow('image', 'list', '--all-hosts', '-o', 'json'))).toEqual([
      'h1 ready',
      'h3 ready',
    ]);
    await sh(
      'h3',
      `printf changed | dd of=$(ls ${STORE}/*.qcow2) bs=1 seek=3000000 conv=notrunc status=none`,
    );
    const verified = await plow('image', 'verify', 'disk', '--host', 'h1,h3');
    expect(verified.code).toBe(2);
    expect(verified.stdout).toMatch(/^✓ h1: disk@\w+ is as it was pulled: \S+\n$/u);
    expect(verified.stderr).toMatch(
      /^error: h3: .* is not as it was pulled[^]*error: of 2 hosts 1 failed: h3\n$/u,
    );
  });

  it('goes to those that do not have it, and is planned for them', async () => {
    expect((await plow('--host', 'h1', ...pullOf())).code).toBe(0);
    expect(requests()).toBe(1);
    const planned = await plow('--host', 'h1,h2', ...pullOf(), '--dry-run');
    expect(planned.stdout).toMatch(/^h1: disk@\w+ is there already: /mu);
    expect(planned.stdout).toMatch(/^h2: disk@\w+ would be pulled, /mu);
    expect(await leftOn('h2')).toBe('');
    requests();
    const ran = await plow('--host', 'h1,h2', ...pullOf(), '-o', 'json');
    expect(statuses(ran)).toEqual(['h1 exists', 'h2 pulled']);
    expect(requests()).toBe(1);
    expect(await imagesOn('h2')).toBe(digest);
  });

  it('drops the one whose disk is full, and is whole on the others', async () => {
    await sh('h2', `mkdir -m 711 ${STORE}; mount -t tmpfs -o size=2m,mode=711 none ${STORE}`);
    const ran = await plow('--all-hosts', ...pullOf());
    expect(ran).toMatchObject({ code: 5 });
    expect(ran.stderr).toMatch(
      /^error: h2: disk is larger than the .* free there\nerror: of 3 hosts 1 failed: h2\n/mu,
    );
    expect(await leftOn('h2')).toBe('');
    for (const host of ['h1', 'h3'] as const) expect(await imagesOn(host)).toBe(digest);
    expect(requests()).toBe(1);
  });

  it('drops the one whose disk somebody else fills meanwhile', async () => {
    await sh('h2', `mkdir -m 711 ${STORE}; mount -t tmpfs -o size=8m,mode=711 none ${STORE}`);
    const { ended } = start('--host', 'h1,h2', ...pullOf('slow-40/disk.qcow2'));
    await untilThere('h2');
    await sh('h2', `dd if=/dev/zero of=${STORE}/other bs=64k status=none || true`).catch(() => undefined);
    const ran = await ended;
    expect(ran).toMatchObject({ code: 5 });
    expect(ran.stderr).toMatch(/^error: h2: cannot pull disk to .*: no space or no inode is left there\n/mu);
    expect(await leftOn('h2')).toBe('other');
    expect(await imagesOn('h1')).toBe(digest);
  });

  it('drops those that do not answer, before and in the middle of it', async () => {
    await there().libvirtd('h3', 'freeze');
    const { ended } = start('--all-hosts', ...pullOf('slow-60/disk.qcow2'), '-o', 'json');
    await untilThere('h2');
    await there().libvirtd('h2', 'freeze');
    const ran = await ended;
    await there().libvirtd('h2', 'thaw');
    await there().libvirtd('h3', 'thaw');
    expect(ran.code).toBe(3);
    expect(statuses(ran)).toEqual(['h1 pulled', 'h2 failed', 'h3 unreachable']);
    const [, cut] = documents(ran);
    expect(cut?.error).toMatchObject({
      kind: 'connection',
      hint: expect.stringContaining('may be left') as unknown,
    });
    expect(ran.stderr).toContain('of 3 hosts 2 could not be connected to: h2, h3');
    expect(await imagesOn('h1')).toBe(digest);
    // What is left there is no image.
    expect(await sh('h2', `head -c 65536 ${STORE}/*.qcow2 | tr -d '\\000' | wc -c`)).toBe('0');
    expect(await leftOn('h3')).toBe('');
  });

  it('with another digest is nowhere, and that is told once', async () => {
    const ran = await plow('--host', 'h1,h2', ...pullOf().slice(0, -1), `sha256:${'a'.repeat(64)}`);
    expect(ran.code).toBe(2);
    expect(ran.stderr.match(/is another file/gu)).toHaveLength(1);
    expect(ran.stderr).toContain('error: of 2 hosts 2 failed: h1, h2\n');
    expect([await leftOn('h1'), await leftOn('h2')]).toEqual(['', '']);
  });

  it('is taken back everywhere at one Ctrl-C, and nobody waits for one that hangs', async () => {
    const { child, ended } = start('--all-hosts', ...pullOf('slow-60/disk.qcow2'));
    await Promise.all(HOSTS.map(untilThere));
    await there().libvirtd('h2', 'freeze');
    child.kill('SIGINT');
    for (const host of ['h1', 'h3'] as const)
      await sh(host, `for i in $(seq 40); do [ -z "$(ls -A ${STORE})" ] && exit; sleep 0.1; done; exit 1`);
    expect(child.exitCode).toBeNull();
    const ran = await ended;
    await there().libvirtd('h2', 'thaw');
    expect(ran.code).toBe(130);
    expect(ran.stderr.match(/interrupted: taking back what was pulled/gu)).toHaveLength(1);
    for (const host of ['h1', 'h3'] as const) {
      expect(ran.stderr).toContain(`${host}: nothing of the image was left there`);
      expect(await imagesOn(host)).toBe('');
    }
    expect(ran.stderr).toMatch(/^(?:hint|h2): a part of it may be left there, which is no image/mu);
  });
});

describe('an image that is copied', () => {
  it('has the same bytes, the same file and the same record', async () => {
    expect((await plow('--host', 'h1', ...pullOf())).code).toBe(0);
    requests();
    const ran = await plow('image', 'copy', 'disk', '--from', 'h1', '--to', 'h2,h3');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^✓ h2: disk@\w+ copied to /mu);
    expect(requests()).toBe(0);
    for (const host of ['h2', 'h3'] as const) expect(await imagesOn(host)).toBe(digest);
    const listed = await Promise.all(
      HOSTS.map((host) => plow('--host', host, 'image', 'list', '-o', 'json')),
    );
    expect(new Set(listed.map(({ stdout }) => stdout)).size).toBe(1);
    expect((await plow('--host', 'h3', 'image', 'verify', 'disk')).code).toBe(0);
    const again = await plow('--host', 'h1', 'image', 'copy', 'disk', '--to', 'label:all', '-o', 'json');
    expect(again.code).toBe(0);
    expect(statuses(again)).toEqual(['h1 exists', 'h2 exists', 'h3 exists']);
  });

  it('is refused where its bytes were changed since it was pulled', async () => {
    expect((await plow('--host', 'h1', ...pullOf())).code).toBe(0);
    await sh(
      'h1',
      `printf changed | dd of=$(ls ${STORE}/*.qcow2) bs=1 seek=3000000 conv=notrunc status=none`,
    );
    const ran = await plow('image', 'copy', 'disk', '--from', 'h1', '--to', 'h2');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/what comes out of .*qcow2 on h1 is another file: it has sha256:/u);
    expect(ran.stderr).toContain('hint: nothing of it is kept; somebody has written to it on h1');
    expect(await leftOn('h2')).toBe('');
  });

  it('takes the place of no other file', async () => {
    expect((await plow('--host', 'h1', ...pullOf())).code).toBe(0);
    await sh(
      'h2',
      `mkdir -m 711 ${STORE}; echo other > ${STORE}/$(basename "$1")`.replace(
        '"$1"',
        await sh('h1', `ls ${STORE}/*.qcow2`),
      ),
    );
    const ran = await plow('image', 'copy', 'disk', '--from', 'h1', '--to', 'h2,h3');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/^error: h2: .* is there, and is another image$/mu);
    expect(await sh('h2', `cat ${STORE}/*.qcow2`)).toBe('other');
    expect(await imagesOn('h3')).toBe(digest);
  });

  it('is an error where it is not there, or nobody is to have it', async () => {
    const absent = await plow('image', 'copy', 'none', '--from', 'h1', '--to', 'h2');
    expect(absent).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no image none') as unknown,
    });
    const nowhere = await plow('image', 'copy', 'disk', '--from', 'h1');
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('--to hv2') as unknown });
  });
});
