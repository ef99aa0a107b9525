import { chmod, chown, lchown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { isPlainUri } from '../../../../src/config/files/foreign-file.ts';
import { findSettings, readSettings } from '../../../../src/config/settings/find.ts';

const ROOT = 0;
const NOBODY = 65_534;
const ALICE = 1000;

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
    expect((await findSettings(candidates, ROOT))?.values).toStrictEqual({ connect: 'other:///' });
  });

  it('may be none', async () => {
    expect(await findSettings([join(folder, 'missing.yaml')], ROOT)).toBeUndefined();
    expect(await findSettings([], ROOT)).toBeUndefined();
  });

  it('is not one that cannot even be seen', async () => {
    const found = await asNobody(() => findSettings([join(folder, 'closed/config.yaml'), good], NOBODY));
    expect(found?.values).toStrictEqual({ connect: 'good:///' });
  });

  it.each([
    ['that may not be read', 'unreadable.yaml', 'cannot be read: permission denied'],
    ['that is a directory', '', 'cannot be read: it is a directory, not a file'],
  ])('is not passed over when it is one %s', async (_, name, message) => {
    const file = join(folder, name);
    await expect(asNobody(() => findSettings([file, good], NOBODY))).rejects.toMatchObject({
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
      await expect(asNobody(() => readSettings(file, NOBODY))).rejects.toMatchObject({
        kind: 'config',
        message: `${file}: cannot be read: ${reason}`,
      });
    }
  });
});

/** A settings file of that owner and mode. */
async function fileOf(owner: number, mode: number): Promise<string> {
  const file = join(folder, `of-${owner}-${mode.toString(8)}.yaml`);
  await writeFile(file, 'connect: theirs:///\n');
  await chown(file, owner, owner);
  await chmod(file, mode);
  return file;
}

describe('a settings file that others may have written', () => {
  it.each([
    [ALICE, 0o600, ROOT, 'belongs to uid 1000, and plow runs as root'],
    [ALICE, 0o644, NOBODY, 'belongs to uid 1000, and plow runs as uid 65534'],
    [ROOT, 0o664, ROOT, 'can be written by others (mode 0664)'],
    [ALICE, 0o646, ALICE, 'can be written by others (mode 0646)'],
    [ROOT, 0o644, ROOT, undefined],
    [ROOT, 0o644, ALICE, undefined],
    [ALICE, 0o644, ALICE, undefined],
  ])('of uid %j and mode %j is told to uid %j: %j', async (owner, mode, user, foreign) => {
    const file = await fileOf(owner, mode);
    const found = await findSettings([file, good], user).catch((error: unknown) => error);
    const refused = foreign?.startsWith('can be')
      ? { kind: 'config', message: `${file} ${foreign}`, hint: `chmod go-w ${file}` }
      : { kind: 'config', message: `${file} ${foreign}: give it with --config` };
    expect(found).toMatchObject(foreign === undefined ? { values: { connect: 'theirs:///' } } : refused);
    expect(await readSettings(file, user)).toMatchObject({ values: { connect: 'theirs:///' }, foreign });
  });

  it('is judged by what it is, not by the link that leads to it', async () => {
    const link = join(folder, 'link.yaml');
    await symlink(await fileOf(ALICE, 0o600), link);
    await expect(findSettings([link], ROOT)).rejects.toThrow(`${link} belongs to uid 1000`);
  });
});

/** `home/plow/config.yaml`, all of it root's. */
async function home(): Promise<string> {
  const directory = await mkdtemp(join(folder, 'home-'));
  await chmod(directory, 0o755);
  await mkdir(join(directory, 'plow'));
  return directory;
}

describe('the way to a settings file', () => {
  it('holds no link of somebody else, wherever it leads', async () => {
    const directory = await home();
    const secret = join(folder, 'shadow');
    await writeFile(secret, 'root:hunter2:19000::::::\n', { mode: 0o600 });
    for (const target of [secret, good, 'second']) {
      const link = join(directory, 'plow/config.yaml');
      await symlink(good, join(directory, 'plow/second')).catch(() => {});
      await symlink(target, link);
      await lchown(link, ALICE, ALICE);
      const refused = findSettings([link], ROOT);
      await expect(refused).rejects.toThrow(/plow\/config\.yaml, which leads to it, belongs to uid 1000/u);
      await expect(refused).rejects.not.toThrow('hunter2');
      await rm(link);
    }
    await lchown(join(directory, 'plow/second'), ALICE, ALICE);
    await symlink('second', join(directory, 'plow/config.yaml'));
    await expect(findSettings([join(directory, 'plow/config.yaml')], ROOT)).rejects.toThrow(
      /plow\/second, which leads to it, belongs to uid 1000/u,
    );
  });

  it.each([
    [
      'a directory of somebody else',
      ALICE,
      0o755,
      ROOT,
      'belongs to uid 1000, and plow runs as root: give it with --config',
    ],
    ['a directory that others can write', ROOT, 0o775, ROOT, 'can be written by others (mode 0775)'],
    ['a sticky directory', ROOT, 0o1777, ROOT, undefined],
    ['a directory of the user', ALICE, 0o700, ALICE, undefined],
  ])('leads through %s or not', async (_, owner, mode, user, why) => {
    const directory = await home();
    const file = join(directory, 'plow/config.yaml');
    await writeFile(file, 'connect: own:///\n');
    await chown(directory, owner, owner);
    await chmod(directory, mode);
    const found = await findSettings([file], user).catch((error: unknown) => error);
    const leads = `${file}: ${directory}, which leads to it, ${why}`;
    expect(found).toMatchObject(
      why === undefined
        ? { values: { connect: 'own:///' } }
        : { message: leads, hint: why.startsWith('can') ? `chmod go-w ${directory}` : undefined },
    );
  });

  it.each(['found', 'named'])(
    'by a link out of its directory shows nothing of what is there: %s',
    async (how) => {
      const directory = await home();
      const link = join(directory, 'plow/config.yaml');
      await writeFile(join(directory, 'shadow'), 'root:hunter2:19000::::::\n');
      await symlink('../shadow', link);
      const reading = how === 'found' ? findSettings([link], ROOT) : readSettings(link, ROOT);
      await expect(reading).rejects.toMatchObject({
        kind: 'config',
        message: `${link}: 1 mistake, not shown: this file is reached by a link that leads out of its directory (give the file itself with --config)`,
        mistakes: [],
      });
      await writeFile(join(directory, 'shadow'), 'connect: own:///\n');
      const again = how === 'found' ? findSettings([link], ROOT) : readSettings(link, ROOT);
      expect((await again)?.values).toStrictEqual({ connect: 'own:///' });
    },
  );
});

describe('a URI of such a file', () => {
  it.each([
    ['qemu:///system', true],
    ['qemu+ssh://root@hv1/system', true],
    ['qemu+tls://hv1:16514/system', true],
    ['qemu+ssh://root@hv1/system?command=/tmp/evil', false],
    ['qemu+libssh2://hv1/system?keyfile=/root/.ssh/id_rsa', false],
    ['qemu+unix:///system?socket=/tmp/theirs', false],
    ['qemu+ext:///system', false],
  ])('%s names neither programs nor files: %j', (uri, isPlain) => {
    expect(isPlainUri(uri)).toBe(isPlain);
  });
});
