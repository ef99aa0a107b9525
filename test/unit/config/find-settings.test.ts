import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findSettings, readSettings } from '../../../src/config/find-settings.ts';

let folder = '';
let good = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-find-'));
  await chmod(folder, 0o755);
  good = join(folder, 'good.yaml');
  await writeFile(good, 'connect: good:///\n');
  await mkdir(join(folder, 'closed'), { mode: 0 });
  await writeFile(join(folder, 'closed/config.yaml'), 'connect: closed:///\n');
  await writeFile(join(folder, 'unreadable.yaml'), 'connect: unreadable:///\n', { mode: 0 });
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Runs work as somebody who is not root, who may read everything. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const user = process.geteuid?.() ?? 0;
  process.seteuid?.(user === 0 ? 65_534 : user);
  return work().finally(() => process.seteuid?.(user));
}

describe('the settings file that counts', () => {
  it('is the first that exists', async () => {
    const other = join(folder, 'other.yaml');
    await writeFile(other, 'connect: other:///\n');
    const candidates = [join(folder, 'missing.yaml'), join(good, 'below-a-file.yaml'), other, good];
    expect((await findSettings(candidates))?.values).toStrictEqual({ connect: 'other:///' });
  });

  it('may be none', async () => {
    expect(await findSettings([join(folder, 'missing.yaml')])).toBeUndefined();
    expect(await findSettings([])).toBeUndefined();
  });

  it('is not one that cannot even be seen', async () => {
    const found = await asNobody(() => findSettings([join(folder, 'closed/config.yaml'), good]));
    expect(found?.values).toStrictEqual({ connect: 'good:///' });
  });

  it.each([
    ['that may not be read', 'unreadable.yaml', 'cannot be read: permission denied'],
    ['that is a directory', '', 'cannot be read: it is a directory, not a file'],
  ])('is not passed over when it is one %s', async (_, name, message) => {
    const file = join(folder, name);
    await expect(asNobody(() => findSettings([file, good]))).rejects.toMatchObject({
      kind: 'config',
      message: `${file}: ${message}`,
    });
  });

  it('must exist, and be seen, where it was named', async () => {
    for (const [name, reason] of [
      ['missing.yaml', 'no such file'],
      ['closed/config.yaml', 'permission denied'],
    ] as const) {
      const file = join(folder, name);
      await expect(asNobody(() => readSettings(file))).rejects.toMatchObject({
        kind: 'config',
        message: `${file}: cannot be read: ${reason}`,
      });
    }
  });
});
