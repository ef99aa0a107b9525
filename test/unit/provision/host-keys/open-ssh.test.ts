import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newKeyPairs } from '../../../../src/cli/run/key-pairs.ts';
import { KEY_COMMENT, openSshKeys } from '../../../../src/provision/host-keys/open-ssh.ts';
import type { HostKey, KeyPairs } from '../../../../src/provision/host-keys/open-ssh.ts';
import { run } from '../../../run.ts';
import { KEY_PAIRS } from '../../key-pairs.ts';

/** The public key that OpenSSH makes of a private one; it complains of a file that is not quite right. */
async function judged({ privateKey }: HostKey): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'plow-key-'));
  try {
    await writeFile(join(directory, 'key'), privateKey, { mode: 0o600 });
    return (await run('ssh-keygen', ['-y', '-P', '', '-f', join(directory, 'key')])).trim();
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** With a number that has zeros before it, or the highest bit of its first byte. */
const HIGH = newPair((first) => first >= 0x80);
const LOW = newPair((first) => first === 0);

function newPair(isWanted: (first: number) => boolean): KeyPairs {
  for (;;) {
    const pairs = newKeyPairs();
    if (isWanted(pairs.ecdsa.secret[0] ?? 0)) return pairs;
  }
}

it.each([
  ['that are known', KEY_PAIRS],
  ['whose number begins with a one', HIGH],
  ['whose number begins with a zero byte', LOW],
])('writes pairs %s so that OpenSSH reads both halves as the same key', async (_, pairs) => {
  for (const key of Object.values(openSshKeys(pairs)) as HostKey[])
    expect(await judged(key)).toBe(`${key.publicKey} ${KEY_COMMENT}`);
});

it('writes the same for the same pairs, byte for byte as ssh-keygen lays it out', () => {
  const { ed25519, ecdsa } = openSshKeys(KEY_PAIRS);
  expect(openSshKeys(KEY_PAIRS)).toStrictEqual({ ed25519, ecdsa });
  expect(ed25519.publicKey).toBe(
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM',
  );
  expect(ecdsa.publicKey).toMatch(
    /^ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBM/u,
  );
  for (const { privateKey } of [ed25519, ecdsa]) {
    const [first, ...lines] = privateKey.split('\n');
    expect(first).toBe('-----BEGIN OPENSSH PRIVATE KEY-----');
    expect(lines.slice(-2)).toStrictEqual(['-----END OPENSSH PRIVATE KEY-----', '']);
    expect(Math.max(...lines.map((line) => line.length))).toBe(70);
  }
});

it('makes others each time', () => {
  const [one, other] = [openSshKeys(newKeyPairs()), openSshKeys(newKeyPairs())];
  expect(one.ed25519.publicKey).not.toBe(other.ed25519.publicKey);
  expect(one.ecdsa.publicKey).not.toBe(other.ecdsa.publicKey);
});
