import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { ED25519, SMALLEST } from '../config/sample.ts';
import { fakeEnvironment } from './environment.ts';

const clock = vi.hoisted(() => ({ now: 0 }));
vi.mock('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => void (clock.now += milliseconds),
}));

/** Where somebody else's files are, and below it the VM files, in pr. */
let folder = '';

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'plow-outside-')));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await mkdir(join(folder, 'pr'));
  vi.stubEnv('HOME', join(folder, 'home'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const name of ['pr', 'home']) await rm(join(folder, name), { recursive: true, force: true });
});

async function put(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

async function validate(
  options: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly all: string }> {
  const environment = fakeEnvironment(undefined, variables);
  const code = await runCli(['validate', ...options], environment);
  return { code, all: [...environment.stdout, ...environment.stderr].join('\n') };
}

/** That many files of keys, named k0, k1 and so on. */
const names = (count: number): string =>
  Array.from({ length: count }, (_, index) => `{file: k${index}}`).join(', ');

/** A VM file with these lines in cloud_init. */
const withGuest = (lines: string): string => `${SMALLEST}cloud_init:\n  ${lines}\n`;

const SHADOW = 'root:*:20228:0:99999:7:::\nhunter2account:!:20228::::::\n';

describe('a VM file that a link leads to, out of the directory of the link', () => {
  it.each([
    ['lines of accounts', SHADOW],
    ['a password', 'hunter2-prod-db.password\n'],
    ['odd keys', 'hunter2key: hunter2value\nname: hunter2name\n'],
    ['what is no YAML', 'a: [hunter2\n'],
    ['bytes', '\u0000hunter2'],
    ['a VM with a mistake', SMALLEST.replace('my-vm', 'hunter2').replace('vcpus: 2', 'vcpus: hunter2')],
    ['a VM that is odd', `${SMALLEST}cloud_init: { timezone: Europe/Hunter2 }\n`],
  ])('shows nothing of %s', async (_, text) => {
    await symlink(await put('secrets/x', text), join(folder, 'pr/b.yaml'));
    // A file that claims the same, so that a comparison would tell.
    const twin = await put('pr/a.yaml', SMALLEST.replace('my-vm', 'hunter2').replace('10.0.0.2', '10.0.0.3'));
    for (const format of ['text', 'json']) {
      const { all } = await validate(['-o', format, join(folder, 'pr/b.yaml'), twin]);
      expect(all.replaceAll(/hunter2 is already .*/gu, '').toLowerCase()).not.toMatch(/hunter2|20228|99999/u);
      expect(all).toContain('pr/b.yaml');
    }
  });

  it('is told with the number of its mistakes, and is read whole where that is allowed', async () => {
    await symlink(await put('secrets/x', SHADOW), join(folder, 'pr/b.yaml'));
    const file = join(folder, 'pr/b.yaml');
    expect(await validate([file])).toEqual({
      code: 2,
      all: expect.stringMatching(
        /^error: \S+\/pr\/b\.yaml: \d+ mistakes?, not shown: this file is reached by a link that leads out of its directory \(give the file itself, or --allow-outside-files\)\n1 file: 0 valid, 1 with mistakes$/u,
      ) as string,
    });
    expect((await validate(['--allow-outside-files', file])).all).toContain('hunter2account');
  });

  it('may be a directory on the way that is the link', async () => {
    await put('secrets/deep/b.yaml', 'hunter2: 1\n');
    await symlink(join(folder, 'secrets/deep'), join(folder, 'pr/vms'));
    expect((await validate([join(folder, 'pr/vms/b.yaml')])).all).not.toContain('hunter2');
  });

  it('is a VM all the same where it is sound', async () => {
    await symlink(await put('vms/web.yaml', SMALLEST), join(folder, 'pr/web.yaml'));
    expect(await validate([join(folder, 'pr/web.yaml')])).toEqual({ code: 0, all: '1 file: 1 valid' });
  });

  it('is shown where the link stays in its directory, and where it is no link', async () => {
    const file = await put('pr/real/b.yaml', 'shown: 1\n');
    await symlink('real/b.yaml', join(folder, 'pr/b.yaml'));
    expect((await validate([join(folder, 'pr/b.yaml')])).all).toContain('shown: unknown key');
    expect((await validate([file])).all).toContain('shown: unknown key');
  });
});

describe('a file that a VM file names', () => {
  const OUTSIDE =
    "is not below this file's own directory (--allow-outside-files reads it, file_roots in the settings allows a directory)";

  it.each([
    ['by ..', '../secrets/doc'],
    ['by a detour', 'sub/../../secrets/doc'],
    ['in another place', '/etc/hostname'],
    ['that is not there, in another place', '/nosuch/hunter2'],
    ['at home', '~/doc'],
    ['behind a link', 'link/doc'],
    ['behind a link, that is not there', 'link/nosuch'],
    ['as a link', 'linked'],
  ])('%s is refused, for keys and for a document', async (_, path) => {
    await put('secrets/doc', '#!/bin/sh\necho hunter2\n');
    await put('home/doc', '#!/bin/sh\necho hunter2\n');
    await symlink(join(folder, 'secrets'), join(folder, 'pr/link'));
    await symlink('../secrets/doc', join(folder, 'pr/linked'));
    for (const lines of [`user_data: ${path}`, `ssh_keys: [{file: ${path}}]`]) {
      const { code, all } = await validate([await put('pr/vm.yaml', withGuest(lines))]);
      expect(code).toBe(2);
      expect(all).toContain(`"${path}" ${OUTSIDE}`);
    }
  });

  it('is read below its directory, and elsewhere where that is allowed', async () => {
    await put('pr/docs/doc', '#cloud-config\n');
    await put('secrets/doc', '#cloud-config\n');
    const below = await put('pr/a.yaml', withGuest('user_data: docs/doc'));
    const outside = await put('pr/vm.yaml', withGuest('user_data: ../secrets/doc'));
    const settings = await put('plow.yaml', `file_roots: [${join(folder, 'secrets')}]\n`);
    const home = await put('home.yaml', `file_roots: [~/]\n`);
    const sound = { code: 0, all: '1 file: 1 valid' };
    expect(await validate([below])).toEqual(sound);
    expect(await validate(['--allow-outside-files', outside])).toEqual(sound);
    expect(await validate([outside], { PLOW_CONFIG: settings })).toEqual(sound);
    expect((await validate([outside], { PLOW_CONFIG: home })).code).toBe(2);
  });

  it('may be a public key of the user, and nothing else there', async () => {
    await put('home/.ssh/id_ed25519.pub', `${ED25519}\n`);
    await put('home/.ssh/config', `${ED25519}\n`);
    const sound = { code: 0, all: '1 file: 1 valid' };
    const keys = (name: string): Promise<string> =>
      put('pr/vm.yaml', withGuest(`ssh_keys: [{file: ~/.ssh/${name}}]`));
    expect(await validate([await keys('id_ed25519.pub')])).toEqual(sound);
    expect((await validate([await keys('config')])).all).toContain(OUTSIDE);
    expect((await validate([await keys('../doc.pub')])).all).toContain(OUTSIDE);
    const document = await put('pr/vm.yaml', withGuest('user_data: ~/.ssh/id_ed25519.pub'));
    expect((await validate([document])).all).toContain(OUTSIDE);
  });

  it.each(['b7e1c3a9d24f4a0cb1f6d5e8a7c90312', 'hunter2-prod-db.password'])(
    'is not repeated, be it %s',
    async (word) => {
      await put('pr/token', `${word}\n`);
      const { code, all } = await validate([await put('pr/vm.yaml', withGuest('ssh_keys: [{file: token}]'))]);
      expect(code).toBe(2);
      expect(all).toContain('"token" line 1: must be a public key');
      expect(all).not.toContain(word);
    },
  );

  it('may be one of 64, and of 1 MiB, in all', async () => {
    for (let index = 0; index < 65; index += 1) await put(`pr/k${index}`, `${ED25519}\n`);
    expect((await validate([await put('pr/vm.yaml', withGuest(`ssh_keys: [${names(64)}]`))])).code).toBe(0);
    const { all } = await validate([await put('pr/vm.yaml', withGuest(`ssh_keys: [${names(65)}]`))]);
    expect(all).toContain('"k64" cannot be read: this file names more than 64 files');
    const large = `${ED25519}\n${'#'.repeat(126 * 1024)}`;
    for (let index = 0; index < 10; index += 1) await put(`pr/k${index}`, `${large}${index}`);
    const more = await validate([await put('pr/vm.yaml', withGuest(`ssh_keys: [${names(10)}]`))]);
    expect(more.all).toContain('"k8" cannot be read: this file names more than 1 MiB in all');
  });

  it('counts once, under however many names', async () => {
    await put('pr/k', `${ED25519}\n`);
    const spellings = Array.from({ length: 100 }, (_, index) => `{file: ${'./'.repeat(index)}k}`);
    const file = await put('pr/vm.yaml', withGuest(`ssh_keys: [${spellings.join(', ')}]`));
    expect(await validate([file])).toEqual({ code: 0, all: '1 file: 1 valid' });
  });
});

describe('what is no file', () => {
  it('is not opened: a pipe that a VM file names keeps its writer waiting', async () => {
    const pipe = join(folder, 'pr/pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    // It gets past its open, and ends, as soon as somebody opens the pipe for reading.
    const writer = spawn('sh', ['-c', 'echo begun; : > "$1"', 'sh', pipe]);
    await once(writer.stdout, 'data');
    const state = async (): Promise<string> =>
      (await readFile(`/proc/${writer.pid}/syscall`, 'utf8')).split(' ', 1)[0] ?? '';
    // The number of openat(2): it waits in it.
    await vi.waitFor(async () => expect(await state()).toBe('257'));
    const { all } = await validate([await put('pr/vm.yaml', withGuest('ssh_keys: [{file: pipe}]'))]);
    expect(all).toContain('"pipe" cannot be read: it is not a regular file');
    expect(await state()).toBe('257');
    writer.kill();
  });

  it.each(['/dev/zero', '/dev/tty', '/proc/version', '/sys/kernel/mm/transparent_hugepage/enabled'])(
    'is refused, as a VM file and in one: %s',
    async (path) => {
      const named = await put('pr/vm.yaml', withGuest(`ssh_keys: [{file: ${path}}]`));
      expect((await validate([path])).all).toContain('it is not a regular file');
      expect((await validate(['--allow-outside-files', named])).all).toContain('it is not a regular file');
    },
  );
});

describe('pipes that nothing comes through', () => {
  it('have one budget of time', async () => {
    const pipes = ['p1', 'p2', 'p3'].map((name) => join(folder, 'pr', name));
    await promisify(execFile)('mkfifo', pipes);
    const script = 'exec 3<> "$1"; echo open; exec sleep 60';
    const writers = pipes.map((pipe) => spawn('sh', ['-c', script, 'sh', pipe]));
    await Promise.all(writers.map(({ stdout }) => once(stdout, 'data')));
    clock.now = 0;
    const { all } = await validate(pipes);
    for (const writer of writers) writer.kill();
    expect(all.match(/nothing came through the pipe for 10 s/gu)).toHaveLength(3);
    expect(clock.now).toBe(10_000);
  });
});
