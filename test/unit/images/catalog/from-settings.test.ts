import { describe, expect, it } from 'vitest';

import type { ImageSettings } from '../../../../src/config/settings/images.ts';
import { BUILT_IN } from '../../../../src/images/catalog/built-in.ts';
import type { ResolvedImage } from '../../../../src/images/catalog/entry.ts';
import { catalogOf, entryNamed } from '../../../../src/images/catalog/from-settings.ts';
import { assertProof, resolveImage } from '../../../../src/images/catalog/resolve.ts';
import { sha256, sha512 } from './indexes.ts';
import { webOf } from './web.ts';

const url = 'https://example.com/pub/web-20261101-12.x86_64.qcow2.xz';
const sums = 'https://example.com/pub/SUMS';
const LINE = `${sha256('1')}  web-20261101-12.x86_64.qcow2.xz\n`;

const resolved = async (
  image: ImageSettings,
  pages: Readonly<Record<string, string>> = {},
): Promise<ResolvedImage> => {
  const entry = entryNamed('web', catalogOf({ web: image }));
  const found = await resolveImage(entry, 'x86_64', webOf(pages));
  assertProof(entry, found);
  return found;
};

describe('the catalog', () => {
  it('is what plow knows, and the images of the user, by name', () => {
    const names = catalogOf({ web: { download_url: url } }).map(({ name }) => name);
    expect(names).toContain('web');
    expect(names).toHaveLength(BUILT_IN.length + 1);
    expect(names).toStrictEqual(names.toSorted());
  });

  it("takes an image of the user's own in place of one of plow's", () => {
    const entry = entryNamed(
      'debian-12',
      catalogOf({ 'debian-12': { download_url: url, filename: 'd.img' } }),
    );
    expect(entry).toMatchObject({ source: 'settings', fileName: 'd.img', index: { url } });
  });

  it("adds a key to one of plow's own", () => {
    const entry = entryNamed(
      'fedora-44',
      catalogOf({ 'fedora-44': { signed_by: 'k.gpg', firmware: 'uefi', cloud_init: { bus: 'virtio' } } }),
    );
    const own = BUILT_IN.find(({ name }) => name === 'fedora-44');
    expect(entry).toStrictEqual({
      ...own,
      source: 'settings',
      signedBy: 'k.gpg',
      needs: { provisioning: 'cloud-init', firmware: 'uefi', seedBus: 'virtio' },
    });
  });

  it('says what is meant where there is no such image', () => {
    expect(() => entryNamed('debian12', catalogOf())).toThrow(
      'there is no image "debian12" in the catalog; did you mean',
    );
    expect(() => catalogOf({ 'debain-12': { signed_by: 'k.gpg' } })).toThrow(
      'images.debain-12 in the settings file has no download_url, and plow knows no image of that name; did you mean',
    );
  });
});

describe("an image of the user's own", () => {
  it('is proved by a checksum file', async () => {
    const found = await resolved({ download_url: url, checksum_url: sums }, { [sums]: LINE });
    expect(found).toMatchObject({ version: '20261101-12', url, arch: 'x86_64', checksumUrl: sums });
    expect(found).toMatchObject({ downloaded: { algorithm: 'sha256', hex: sha256('1') }, signer: undefined });
  });

  it('is proved by a digest', async () => {
    const pinned = { download_url: 'https://example.com/a.img', checksum_value: `sha512:${sha512('B')}` };
    expect(await resolved(pinned)).toMatchObject({
      version: 'bbbbbbbb',
      downloaded: { algorithm: 'sha512', hex: sha512('b') },
      checksumUrl: undefined,
    });
  });

  it('is refused where nothing proves it', async () => {
    await expect(resolved({ download_url: url })).rejects.toThrow(`image web: nothing proves what ${url} is`);
  });

  it('wants the hash that is named', async () => {
    await expect(
      resolved({ download_url: url, checksum_url: sums, checksum_type: 'sha512' }, { [sums]: LINE }),
    ).rejects.toThrow('it has no sha512 of');
  });

  it('takes a digest alone where the file of it is called after the image only', async () => {
    const bare = { [sums]: sha256('2'), [`${url}.sha256`]: sha256('2') };
    await expect(resolved({ download_url: url, checksum_url: sums }, bare)).rejects.toThrow(
      'its own name does not say of what',
    );
    expect(await resolved({ download_url: url, checksum_url: `${url}.sha256` }, bare)).toMatchObject({
      downloaded: { hex: sha256('2') },
    });
  });

  it('is not for another architecture, which its address tells', async () => {
    const arm = { download_url: 'https://example.com/a-arm64.img', checksum_value: sha256('1') };
    await expect(resolved(arm)).rejects.toThrow('image web: it is for aarch64, and the hypervisor is x86_64');
  });

  const keyed = { download_url: url, checksum_url: sums, signed_by: 'k.gpg' };

  it('may be signed in a file beside the digests', async () => {
    expect(await resolved(keyed, { [sums]: LINE, [`${sums}.gpg`]: 'sig' })).toMatchObject({
      signer: 'by k.gpg',
      signature: { kind: 'detached', of: 'checksums', url: `${sums}.gpg` },
    });
  });

  it('may be signed in the clear', async () => {
    const text = `${sha256('3')}  web-20261101-12.x86_64.qcow2.xz\n-----BEGIN PGP SIGNED MESSAGE-----\n\n${LINE}-----BEGIN PGP SIGNATURE-----\n`;
    expect(await resolved(keyed, { [sums]: text })).toMatchObject({
      signer: 'by k.gpg',
      signature: { kind: 'clear' },
      downloaded: { hex: sha256('1') },
    });
  });

  it('is refused where a key is named and nothing is signed', async () => {
    await expect(resolved(keyed, { [sums]: LINE })).rejects.toThrow(
      `image web: signed_by names a key, and no signature is at ${sums}.asc, ${sums}.sig`,
    );
    await expect(resolved({ download_url: url, signed_by: 'k.gpg' })).rejects.toThrow(
      'signed_by names a key, and no signature is at',
    );
  });

  it('may be signed itself, and without a digest then', async () => {
    expect(
      await resolved({ download_url: url, signed_by: 'k.gpg' }, { [`${url}.sig`]: 'sig' }),
    ).toMatchObject({
      downloaded: undefined,
      signature: { kind: 'detached', of: 'image', url: `${url}.sig` },
    });
  });
});
