import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { givenKeys, ownKeys } from '../../../../../src/cli/commands/new/keys.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA';

describe('keys', () => {
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'plow-keys-'));
    await mkdir(join(home, '.ssh'));
  });
  afterEach(async () => {
    await rm(home, { recursive: true });
  });
  const environment = () => ({ variables: { HOME: home } });

  it('are given as texts, as files, or not at all', async () => {
    await writeFile(join(home, '.ssh/a.pub'), `# mine\n${KEY} me\n`);
    expect(await givenKeys(` ${KEY} me `, environment())).toEqual({ keys: [`${KEY} me`] });
    expect(await givenKeys('~/.ssh/a.pub', environment())).toEqual({ keys: [`${KEY} me`] });
    expect(await givenKeys('none', environment())).toEqual({ keys: [] });
  });

  it.each([
    ['', 'expected a public key'],
    ['nosuch', 'is no public key, and as a file it cannot be read'],
    ['ssh-ed25519 AAAA', 'is not'],
    ['~/.ssh/secret', 'this is a private key'],
    ['/dev/zero', 'as a file it'],
    ['~/.ssh', 'as a file it'],
  ])('are not %j', async (text, words) => {
    await writeFile(join(home, '.ssh/secret'), '-----BEGIN OPENSSH PRIVATE KEY-----\nx\n');
    const given = await givenKeys(text, environment());
    expect('mistake' in given && given.mistake).toContain(words);
  });

  it('of the user are those of ~/.ssh that are some, each once, without a comment that harms', async () => {
    await writeFile(join(home, '.ssh/a.pub'), `${KEY} \u001b[2Jme\n`);
    await writeFile(join(home, '.ssh/b.pub'), `${KEY} again\n`);
    await writeFile(join(home, '.ssh/c.pub'), 'no key\n');
    await symlink('/dev/zero', join(home, '.ssh/d.pub'));
    const own = (await ownKeys(environment())).filter(({ from }) => from !== 'ssh-agent');
    expect(own).toEqual([{ key: KEY, from: '~/.ssh/a.pub' }]);
  });
});
