import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PlowError } from '../../../src/errors/plow-error.ts';
import { catalogOf, entryNamed } from '../../../src/images/catalog/from-settings.ts';
import { resolveImage } from '../../../src/images/catalog/resolve.ts';
import type { Sources } from '../../../src/images/catalog/signed.ts';
import { verifyPassing, verifySigned } from '../../../src/this-machine/verify-signature.ts';

const TEXT = `# sums\n- of today\n${'a'.repeat(64)}  a.img\n`;
const url = 'https://example.com/SUMS';

let directory = '';

/** gpg with keys of its own. */
function gpg(args: readonly string[], input?: string): Buffer {
  const all = ['--homedir', `${directory}/home`, '--batch', '--quiet', '--passphrase', '', ...args];
  return execFileSync('gpg', all, { input, stdio: ['pipe', 'pipe', 'ignore'] });
}

const sign = (args: readonly string[], text = TEXT, key = 'one@example.com'): Buffer =>
  gpg([...args, '--local-user', key, '--output', '-'], text);

function keys(name: string, key: string, ...more: readonly string[]): string {
  const file = `${directory}/${name}`;
  writeFileSync(file, gpg([...more, '--export', key]));
  return file;
}

async function failure(of: Promise<unknown>): Promise<unknown> {
  return of.then(
    () => 'none',
    (error: unknown) => (error instanceof PlowError ? `${error.kind}: ${error.message}` : error),
  );
}

const web = (text: Buffer): Sources => ({
  read: async () => text,
  verify: async (all) => verifySigned(all),
});

const byOwnKey = async (key: string, text: Buffer): Promise<unknown> =>
  failure(verifySigned({ keyring: keys(key, key), text, signature: undefined, url }));

const left = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('plow-gpgv-'));

describe('a signature', () => {
  let one = '';
  let other = '';

  beforeAll(() => {
    directory = mkdtempSync(`${tmpdir()}/plow-test-gpg-`);
    mkdirSync(`${directory}/home`, { mode: 0o700 });
    for (const name of ['one', 'two']) {
      gpg(['--quick-generate-key', `${name}@example.com`, 'ed25519', 'sign', 'never']);
    }
    one = keys('one.gpg', 'one@example.com');
    other = keys('two.gpg', 'two@example.com');
  });

  afterAll(() => {
    execFileSync('gpgconf', ['--homedir', `${directory}/home`, '--kill', 'all']);
    rmSync(directory, { recursive: true, force: true });
  });

  it('in the clear gives back what was signed, and nothing around it', async () => {
    const text = Buffer.concat([Buffer.from('before\n'), sign(['--clearsign'])]);
    const found = await verifySigned({ keyring: one, text, signature: undefined, url });
    expect(found.text).toBe(TEXT);
    expect(found.signer).toMatch(/^[0-9A-F]{40}$/u);
  });

  it.each([['--detach-sign'], ['--detach-sign', '--armor']])(
    'beside the text is taken: %j',
    async (...how) => {
      const text = Buffer.from(TEXT);
      expect(await verifySigned({ keyring: one, text, signature: sign(how), url })).toMatchObject({
        text: TEXT,
      });
    },
  );

  it('is verified by keys in armour too, one block or several', async () => {
    const armoured = keys('one.asc', 'one@example.com', '--armor');
    const both = `${directory}/both.asc`;
    const [first, second] = ['two@example.com', 'one@example.com'].map((key) =>
      gpg(['--armor', '--export', key]),
    );
    writeFileSync(
      both,
      Buffer.concat([Buffer.from('# keys\n'), first ?? Buffer.of(), second ?? Buffer.of()]),
    );
    const text = sign(['--clearsign']);
    for (const keyring of [armoured, both]) {
      expect(await verifySigned({ keyring, text, signature: undefined, url })).toMatchObject({ text: TEXT });
    }
  });

  it('of two signers is good by one of them', async () => {
    const text = sign(['--clearsign', '--local-user', 'two@example.com']);
    expect(await verifySigned({ keyring: other, text, signature: undefined, url })).toMatchObject({
      text: TEXT,
    });
  });

  it('is refused, with the reason', async () => {
    const clear = sign(['--clearsign']).toString();
    const signature = sign(['--detach-sign']);
    const tell = (text: string, keyring: string, detached?: Buffer): Promise<unknown> =>
      failure(verifySigned({ keyring, text: Buffer.from(text), signature: detached, url }));
    expect(await tell(clear.replace('a.img', 'b.img'), one)).toBe(
      `validation: ${url}: the signature is not of this text: one of them was changed`,
    );
    expect(await tell(`${TEXT}x`, one, signature)).toContain('the signature is not of this text');
    expect(await tell(clear, other)).toMatch(
      /it is signed by the key "[0-9A-F]{16}", which is not in ".*two\.gpg"/u,
    );
    expect(await tell(TEXT, one)).toContain('it holds no signature');
    expect(await tell(TEXT, one, Buffer.from('<html>'))).toContain('it holds no signature');
    expect(await tell('', one, signature)).toContain('the signature is not of this text');
    expect(await tell(clear, `${directory}/none.gpg`)).toMatch(
      /^config: the keys of signed_by cannot be read: .*ENOENT$/u,
    );
  });

  it('is refused where one of two is of another text', async () => {
    const both = `${directory}/both.gpg`;
    writeFileSync(both, gpg(['--export']));
    const good = sign(['--detach-sign']);
    const bad = sign(['--detach-sign'], 'another', 'two@example.com');
    const tell = (signature: Buffer): Promise<unknown> =>
      failure(verifySigned({ keyring: both, text: Buffer.from(TEXT), signature, url }));
    expect(await tell(good)).toBe('none');
    expect(await tell(Buffer.concat([good, bad]))).toContain('the signature is not of this text');
  });

  it('by SHA-1 proves nothing', async () => {
    const text = sign(['--clearsign', '--digest-algo', 'SHA1', '--weak-digest', 'MD5']);
    expect(await failure(verifySigned({ keyring: one, text, signature: undefined, url }))).toContain(
      'its signature cannot be verified',
    );
  });

  it('of a key that is revoked or has expired is refused', async () => {
    const past = ['--faked-system-time', '20200101T000000!'];
    gpg([...past, '--quick-generate-key', 'old@example.com', 'ed25519', 'sign', '1d']);
    const old = sign([...past, '--clearsign'], TEXT, 'old@example.com');
    gpg(['--quick-generate-key', 'lost@example.com', 'ed25519', 'sign', 'never']);
    const lost = sign(['--clearsign'], TEXT, 'lost@example.com');
    const [fingerprint = ''] =
      /(?<=^fpr:+)[0-9A-F]+/mu.exec(gpg(['--with-colons', '--list-keys', 'lost@example.com']).toString()) ??
      [];
    const revocation = readFileSync(`${directory}/home/openpgp-revocs.d/${fingerprint}.rev`, 'utf8');
    gpg(['--import'], revocation.replace(':-----BEGIN', '-----BEGIN'));
    expect(await byOwnKey('old@example.com', old)).toContain('the key that signed it has expired');
    expect(await byOwnKey('lost@example.com', lost)).toContain('the key that signed it was revoked');
  });

  it('without gpgv says what to install', async () => {
    const text = sign(['--clearsign']);
    const signed = { keyring: one, text, signature: undefined, url };
    const error = await verifySigned(signed, `${directory}/gpgv`).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PlowError);
    expect(error).toMatchObject({
      kind: 'config',
      message: expect.stringContaining('is not installed, and signed_by wants a signature verified'),
      hint: expect.stringContaining('gpgv'),
    });
  });

  it('of an image is verified while that passes by', async () => {
    const block = Buffer.alloc(1024 * 1024, 'x');
    writeFileSync(`${directory}/image`, Buffer.concat(Array.from({ length: 8 }, () => block)));
    const signature = gpg([
      '--local-user',
      'one@example.com',
      '--output',
      '-',
      '--detach-sign',
      `${directory}/image`,
    ]);
    const pass = async (blocks: number): Promise<string> => {
      const verification = await verifyPassing({ keyring: one, signature, url });
      try {
        for (let index = 0; index < blocks; index += 1) await verification.write(block);
        return await verification.end();
      } finally {
        await verification.dispose();
      }
    };
    expect(await pass(8)).toMatch(/^[0-9A-F]{40}$/u);
    expect(await failure(pass(7))).toContain('the signature is not of this text');
  });

  it("is what the catalog takes a user's image by", async () => {
    const entry = entryNamed(
      'web',
      catalogOf({ web: { download_url: 'https://example.com/a.img', checksum_url: url, signed_by: one } }),
    );
    const found = await resolveImage(entry, 'x86_64', web(sign(['--clearsign'])));
    expect(found).toMatchObject({
      downloaded: { hex: 'a'.repeat(64) },
      signer: expect.stringMatching(/^[0-9A-F]{40}$/u),
    });
    const forged = sign(['--clearsign']).toString().replace('aaa', 'bbb');
    expect(await failure(resolveImage(entry, 'x86_64', web(Buffer.from(forged))))).toContain(
      'the signature is not of this text',
    );
  });

  it('that is given up leaves neither a process nor a file', async () => {
    const before = left();
    const verification = await verifyPassing({ keyring: one, signature: sign(['--detach-sign']), url });
    await verification.write(Buffer.from('x'));
    await verification.dispose();
    await verification.dispose();
    expect(left()).toStrictEqual(before);
  });
});
