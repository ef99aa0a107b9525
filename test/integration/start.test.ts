import { execFile } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { cp, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../examples/simple-vm.yaml', import.meta.url));

let copy: string;
let command: string;
let program: string;
let cache: string;

beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'plow-start-'));
  await cp(DIST, join(copy, 'dist'), { recursive: true });
  await symlink(MODULES, join(copy, 'node_modules'));
  command = join(copy, 'dist/plow.cjs');
  program = join(copy, 'dist/program.cjs');
  cache = `${program}.cache`;
});

afterEach(() => rm(copy, { recursive: true }));

async function list(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['-c', 'test:///default', 'list']);
  return stdout;
}

/** Whether V8 took the cache of each chunk that is loaded first; undefined where it was offered none. */
async function rejections(): Promise<ReadonlySet<boolean | undefined>> {
  const { Chunks } = (await import(command)) as typeof import('../../src/start.ts');
  const chunks = new Chunks(program);
  chunks.load('main.cjs');
  expect(chunks.scripts.size).toBeGreaterThan(1);
  return new Set([...chunks.scripts.values()].map(({ cachedDataRejected }) => cachedDataRejected));
}

/** Writes the cache anew: its first line, and what comes after that. */
async function alterCache(alter: (first: string, rest: Buffer) => readonly [string, Buffer]): Promise<void> {
  const bytes = await readFile(cache);
  const end = bytes.indexOf('\n');
  const [first, rest] = alter(bytes.subarray(0, end).toString(), bytes.subarray(end));
  await writeFile(cache, Buffer.concat([Buffer.from(first), rest]));
}

function openFiles(pid: number | undefined): readonly string[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).map((descriptor) => readlinkSync(join(directory, descriptor)));
}

const EXPECTED = /^NAME .*\ntest +running +2 +8 GiB +192\.168\.122\.3\n$/u;

describe('the built program starts', () => {
  it('from its code cache, which this node accepts', async () => {
    expect(await rejections()).toStrictEqual(new Set([false]));
    expect(await list(command)).toMatch(EXPECTED);
  });

  it('and says what it is made of, whatever stands first', async () => {
    for (const words of [
      ['--version', '--verbose'],
      ['--verbose', '-V'],
    ]) {
      const { stdout } = await promisify(execFile)(command, words);
      expect(stdout).toMatch(
        /^plow: {4}\d+\.\d+\.\d+\ncommit: {2}(?:[0-9a-f]{12}|not known)\nnode: {4}\d+\.\d+\.\d+\nkoffi: {3}\d+\.\d+\.\d+\nlibvirt: \d+\.\d+\.\d+ \(client library\)\n$/u,
      );
    }
  });

  it('without a code cache', async () => {
    await rm(cache);
    expect(await rejections()).toStrictEqual(new Set([undefined]));
    expect(await list(command)).toMatch(EXPECTED);
  });

  it('beside a code cache that is cut off', async () => {
    await writeFile(cache, (await readFile(cache)).subarray(0, 10_000));
    expect(await list(command)).toMatch(EXPECTED);
  });

  it('beside a code cache of another node', async () => {
    // V8 keeps a hash of its version in the second word.
    await alterCache((first, rest) => {
      const { places } = JSON.parse(first.slice(10)) as import('../../src/startup/chunks.ts').Index;
      for (const [offset] of Object.values(places)) rest.writeUInt32LE(0, offset + 1 + 4);
      return [first, rest];
    });
    expect(await rejections()).toStrictEqual(new Set([true]));
    expect(await list(command)).toMatch(EXPECTED);
  });

  it('beside a code cache of another build', async () => {
    await alterCache((first, rest) => [first.replace(/"build":"./u, '"build":"-'), rest]);
    expect(await rejections()).toStrictEqual(new Set([undefined]));
    expect(await list(command)).toMatch(EXPECTED);
  });

  it('and tells a bug with its place in the source', async () => {
    const bug = join(copy, 'bug.cjs');
    await writeFile(
      bug,
      `const { toSorted } = Array.prototype;
      Array.prototype.toSorted = function (...how) {
        if (this[0]?.uuid !== undefined) throw new TypeError('a bug of the test');
        return toSorted.apply(this, how);
      };`,
    );
    const argv = ['--require', bug, command, '-c', 'test:///default', 'list'];
    const outcome = promisify(execFile)(process.execPath, argv).catch((error: unknown) => error);
    const source = await readFile(new URL('../../src/vm/list/list.ts', import.meta.url), 'utf8');
    const lines = source.split('\n');
    expect(await outcome).toMatchObject({ code: 70 });
    const { stderr } = (await outcome) as { stderr: string };
    const line = / at (?:async )?\w+ \(src\/vm\/list\/list\.ts:(?<line>\d+):\d+\)/u.exec(stderr)?.groups?.[
      'line'
    ];
    expect(lines[Number(line) - 1]).toContain('.toSorted(');
    expect(stderr).toContain(' (src/cli/');
    expect(stderr).not.toMatch(/(?:plow|program)\.cjs/u);
  });

  it('through a link, as package managers install it', async () => {
    const link = join(copy, 'plow');
    await symlink(command, link);
    expect(await list(link)).toMatch(EXPECTED);
  });

  it('and finds all of it while another version takes its place', async () => {
    const pipe = join(copy, 'vm.yaml');
    await promisify(execFile)('mkfifo', [pipe]);
    const writer = await open(pipe, 'r+');
    const running = promisify(execFile)(command, ['-c', 'test:///default', 'validate', '--on-host', pipe]);
    const outcome = running.catch((error: unknown) => error);
    // It has loaded what reads files by then, and nothing of what connects.
    await vi.waitFor(() => expect(openFiles(running.child.pid)).toContain(pipe), 5000);
    await rm(join(copy, 'dist'), { recursive: true });
    await writer.write(await readFile(EXAMPLE));
    await writer.close();
    expect(await outcome).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('does not exist on the hypervisor'),
    });
  });
});
