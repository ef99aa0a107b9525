import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

let copy: string;
let program: string;

beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'plow-start-'));
  await cp(DIST, join(copy, 'dist'), { recursive: true });
  await symlink(MODULES, join(copy, 'node_modules'));
  program = join(copy, 'dist/plow.cjs');
});

afterEach(() => rm(copy, { recursive: true }));

async function list(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)(command, ['-c', 'test:///default', 'list']);
  return stdout;
}

const EXPECTED = /^NAME .*\ntest +running +2 +8 GiB +192\.168\.122\.3\n$/u;

describe('the built program starts', () => {
  it('from its code cache, which this node accepts', async () => {
    const { loadProgram } = (await import(program)) as typeof import('../../src/start.ts');
    const { script } = loadProgram(join(copy, 'dist/program.cjs'));
    expect(script.cachedDataRejected).toBe(false);
    expect(await list(program)).toMatch(EXPECTED);
  });

  it('without a code cache', async () => {
    await rm(join(copy, 'dist/program.cjs.cache'));
    expect(await list(program)).toMatch(EXPECTED);
  });

  it('beside a code cache that is damaged', async () => {
    const cache = join(copy, 'dist/program.cjs.cache');
    const bytes = await readFile(cache);
    await writeFile(cache, bytes.subarray(0, 1000));
    expect(await list(program)).toMatch(EXPECTED);
  });

  it('through a link, as package managers install it', async () => {
    const link = join(copy, 'plow');
    await symlink(program, link);
    expect(await list(link)).toMatch(EXPECTED);
  });
});
