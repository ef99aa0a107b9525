import { constants } from 'node:fs';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findFlaw } from '../../../src/this-machine/file-system-flaw.ts';

/** What open(2) says instead of its own answer, if anything. */
const system = vi.hoisted((): { code: string | undefined } => ({ code: undefined }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const opening: typeof real.open = async (...args) => {
    if (system.code !== undefined) throw Object.assign(new Error('open'), { code: system.code });
    return real.open(...args);
  };
  return { ...real, open: vi.fn<typeof real.open>(opening) };
});

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plow-direct-io-'));
});
afterEach(async () => {
  system.code = undefined;
  vi.mocked(open).mockClear();
  await rm(directory, { recursive: true });
});

describe('what keeps disks from a file system', () => {
  it.each([
    ['EINVAL', 'no-direct-io'],
    ['EROFS', 'read-only'],
    ['EOPNOTSUPP', undefined],
    ['EACCES', undefined],
    ['ENOENT', undefined],
  ])('where open(2) says %s: %s', async (code, lacking) => {
    system.code = code;
    expect(await findFlaw(directory)).toBe(lacking);
  });

  it('is tried with a file without a name, which is closed', async () => {
    const lacking = await findFlaw(directory);
    const [path, flags] = vi.mocked(open).mock.calls[0] ?? [];
    expect(path).toBe(directory);
    expect(Number(flags) & constants.O_DIRECT).toBe(constants.O_DIRECT);
    expect(Number(flags) & constants.O_CREAT).toBe(0);
    expect(await readdir(directory)).toStrictEqual([]);
    if (lacking !== 'none') return;
    const file = await vi.mocked(open).mock.results[0]?.value;
    expect(file).toMatchObject({ fd: -1 });
  });

  it('cannot be told of a directory that is not there', async () => {
    expect(await findFlaw(join(directory, 'nosuch'))).toBeUndefined();
  });
});
