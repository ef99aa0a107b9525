import { execFile, spawnSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { readMachineFile } from './read-machine.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { SMALLEST } from './sample.ts';

/** How plow waits for more to come through a pipe. */
const pause = vi.hoisted(() => vi.fn<() => Promise<void>>());
vi.mock('node:timers/promises', () => ({ setTimeout: pause }));

const DEFAULTS = { virtType: undefined };
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-config-'));
  await mkdir(join(folder, 'directory'));
  await symlink('loop', join(folder, 'loop'));
  await writeFile(join(folder, 'large'), '#'.repeat(10 * 1024 * 1024));
  await writeFile(join(folder, 'just-too-large'), '#'.repeat(128 * 1024 + 1));
  await writeFile(join(folder, 'nul'), 'name: a\0b\n');
  await writeFile(join(folder, 'latin1'), Buffer.from('name: gr\xF6\xDFe\n', 'latin1'));
  await writeFile(join(folder, 'utf16'), Buffer.from('\uFEFFname: a\n', 'utf16le'));
  await writeFile(join(folder, 'secret'), SMALLEST);
  await chmod(join(folder, 'secret'), 0);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function failure(file: string): Promise<PlowError> {
  const error: unknown = await readMachineFile(file, DEFAULTS).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof PlowError)) {
    throw new Error(`${file} was read, or failed otherwise`, { cause: error });
  }
  return error;
}

const naming = (path: string): string => `${SMALLEST}cloud_init:\n  user_data: ${path}\n`;

describe('a file', () => {
  it.each([
    ['missing', 'no such file'],
    ['nul/vm.yaml', 'no such file'],
    ['loop', 'too many symbolic links'],
    ['x'.repeat(300), 'the name is too long'],
    ['large', 'it is larger than 128 KiB, more than plow needs'],
    ['just-too-large', 'it is larger than 128 KiB, more than plow needs'],
    ['nul', 'it is not text (it holds NUL bytes)'],
    ['utf16', 'it is not text (it holds NUL bytes)'],
    ['latin1', 'it is not UTF-8 text'],
  ])('that is %j cannot be read', async (name, reason) => {
    const file = join(folder, name);
    const error = await failure(file);
    expect(error.message).toBe(`${file}: cannot be read: ${reason}`);
    expect(error.kind).toBe('config');
  });

  it.each(['/dev/zero', '/dev/null'])('that is %s cannot be read', async (device) => {
    expect((await failure(device)).message).toBe(`${device}: cannot be read: it is not a regular file`);
  });

  it('with an escape in its name is named without it', async () => {
    expect((await failure('/no/\u001b[2J')).message).toBe('/no/\\u{1b}[2J: cannot be read: no such file');
  });

  it('without permission cannot be read', async () => {
    const file = join(folder, 'secret');
    // Root may read everything, so it must be somebody else for this.
    const user = process.geteuid?.() ?? 0;
    process.seteuid?.(user === 0 ? 65_534 : user);
    const error = await failure(file).finally(() => process.seteuid?.(user));
    expect(error.message).toBe(`${file}: cannot be read: permission denied`);
  });

  it('that it names is told with its reason, also where its name or its directory is closed to us', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'plow-named-'));
    await mkdir(join(directory, 'closed'), { mode: 0 });
    const file = join(directory, 'vm.yaml');
    const said = async (path: string): Promise<string> => {
      await writeFile(file, naming(path), { mode: 0o644 });
      return (await failure(file)).message.split('\n')[0] ?? '';
    };
    expect(await said('x'.repeat(5000))).toMatch(
      /cloud_init\.user_data: .* cannot be read: the name is too long$/u,
    );
    await chmod(directory, 0o777);
    const user = process.geteuid?.() ?? 0;
    await writeFile(file, naming('closed/user-data'));
    process.seteuid?.(user === 0 ? 65_534 : user);
    const error = await failure(file).finally(() => process.seteuid?.(user));
    expect(error.message).toContain(
      'cloud_init.user_data: "closed/user-data" cannot be read: permission denied',
    );
    await rm(directory, { recursive: true });
  });

  it('with a byte order mark and 128 KiB is read', async () => {
    const file = join(folder, 'full');
    const text = `\uFEFF${SMALLEST}#`;
    await writeFile(file, text + '#'.repeat(128 * 1024 - Buffer.byteLength(text)));
    expect((await readMachineFile(file, DEFAULTS)).machine.name).toBe('my-vm');
  });
});

describe('a named pipe', () => {
  it('is read to its end, also when it comes in pieces', async () => {
    const pipe = join(folder, 'pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    // A pipe that is open for both waits for nobody.
    const writer = openSync(pipe, 'r+');
    writeSync(writer, SMALLEST.slice(0, 50));
    pause
      .mockImplementationOnce(async () => {})
      .mockImplementationOnce(async () => {
        writeSync(writer, SMALLEST.slice(50));
        closeSync(writer);
      });
    const { machine } = await readMachineFile(pipe, DEFAULTS);
    expect(machine.name).toBe('my-vm');
    expect(pause).toHaveBeenCalledTimes(2);
  });

  it('that nobody writes to is an empty file, and does not hold the process', async () => {
    const pipe = join(folder, 'silent-pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    expect((await failure(pipe)).message).toContain(':1:1: the file is empty');
  });
});

describe('standard input', () => {
  /** What plow says of a pipe that waits for its writers, with no patience. */
  const PROGRAM = `
import { readInput } from './src/config/files/read-text.ts';
const wait = () => { throw new Error('it would wait'); };
readInput({ wait, renew: () => {} }).then(console.log, ({ message }) => console.log(message));`;

  it('is not waited for without an end where it is a pipe that blocks', async () => {
    const stdin = { contents: PROGRAM, resolveDir: process.cwd(), loader: 'ts' } as const;
    const outfile = join(folder, 'read-input.cjs');
    await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs' });
    const pipe = join(folder, 'blocking-pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    const descriptor = openSync(pipe, 'r+');
    const read = (): string =>
      spawnSync(process.execPath, [outfile], { stdio: [descriptor, 'pipe', 'inherit'], timeout: 20_000 })
        .stdout.toString()
        .trim();
    expect(read()).toBe('it would wait');
    closeSync(descriptor);
  });
});
