import { describe, expect, it } from 'vitest';

import { PlowError } from '../../../../src/errors/plow-error.ts';
import { BUILT_IN } from '../../../../src/images/catalog/built-in.ts';
import type { CatalogEntry, ResolvedImage } from '../../../../src/images/catalog/entry.ts';
import { resolveImage } from '../../../../src/images/catalog/resolve.ts';
import { digestText } from '../../../../src/images/digest.ts';
import type { Arch } from '../../../../src/config/machine.ts';
import { INDEXES, sha256, sha512 } from './indexes.ts';
import { webOf } from './web.ts';

const entryOf = (name: string): CatalogEntry => {
  const found = BUILT_IN.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};

const withKey = (name: string): CatalogEntry => ({ ...entryOf(name), signedBy: 'keys/one.gpg' });

const resolved = async (name: string, arch: Arch = 'x86_64', pages = INDEXES): Promise<ResolvedImage> =>
  resolveImage(entryOf(name), arch, webOf(pages));

describe('what is built in', () => {
  it('has a name of its own each, and addresses over TLS only', () => {
    expect(new Set(BUILT_IN.map(({ name }) => name)).size).toBe(BUILT_IN.length);
    for (const { name, index } of BUILT_IN) {
      expect(name).toMatch(/^[a-z0-9][a-z0-9._-]*$/u);
      expect(JSON.stringify(index)).not.toContain('http://');
    }
  });

  it.each([
    [
      'debian-12',
      'x86_64',
      '20261112-2701',
      `sha512:${sha512('2')}`,
      'https://cloud.debian.org/images/cloud/bookworm/20261112-2701/debian-12-genericcloud-amd64-20261112-2701.qcow2',
      undefined,
    ],
    [
      'ubuntu-24.04',
      'x86_64',
      '20261002.1',
      `sha256:${sha256('2')}`,
      'https://cloud-images.ubuntu.com/releases/server/releases/noble/release-20261002.1/ubuntu-24.04-server-cloudimg-amd64.img',
      'clear checksums',
    ],
    [
      'fedora-44',
      'x86_64',
      '1.7',
      `sha256:${sha256('2')}`,
      'https://dl.fedoraproject.org/pub/fedora/linux/releases/44/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-44-1.7.x86_64.qcow2',
      'clear checksums',
    ],
    [
      'centos-stream-10',
      'x86_64',
      '20261109.0',
      `sha256:${sha256('2')}`,
      'https://cloud.centos.org/centos/10-stream/x86_64/images/CentOS-Stream-GenericCloud-10-20261109.0.x86_64.qcow2',
      undefined,
    ],
    [
      'rocky-9',
      'aarch64',
      '9.10-20261120.1',
      `sha256:${sha256('2')}`,
      'https://dl.rockylinux.org/pub/rocky/9/images/aarch64/Rocky-9-GenericCloud-Base-9.10-20261120.1.aarch64.qcow2',
      undefined,
    ],
    [
      'almalinux-10',
      'x86_64',
      '10.2-20260526.0',
      `sha256:${sha256('2')}`,
      'https://repo.almalinux.org/almalinux/10/cloud/x86_64/images/AlmaLinux-10-GenericCloud-10.2-20260526.0.x86_64.qcow2',
      'detached checksums',
    ],
    [
      'opensuse-leap-16',
      'x86_64',
      '16.13',
      `sha256:${sha256('1')}`,
      'https://download.opensuse.org/distribution/leap/16.0/appliances/Leap-16.0-Minimal-VM.x86_64-16.0.0-Cloud-Build16.13.qcow2',
      'detached checksums',
    ],
    [
      'opensuse-leap-16',
      'aarch64',
      'eeeeeeee',
      `sha256:${sha256('e')}`,
      'https://download.opensuse.org/distribution/leap/16.0/appliances/Leap-16.0-Minimal-VM.aarch64-Cloud.qcow2',
      'detached checksums',
    ],
    [
      'alpine-3.23',
      'x86_64',
      '3.23.10-r0',
      `sha512:${sha512('5')}`,
      'https://dl-cdn.alpinelinux.org/alpine/v3.23/releases/cloud/nocloud_alpine-3.23.10-x86_64-uefi-cloudinit-r0.qcow2',
      'detached image',
    ],
    [
      'archlinux',
      'x86_64',
      '20261101.412345',
      `sha256:${sha256('6')}`,
      'https://geo.mirror.pkgbuild.com/images/v20261101.412345/Arch-Linux-x86_64-cloudimg.qcow2',
      'detached image',
    ],
    [
      'fedora-coreos-stable',
      'x86_64',
      '44.20261101.3.0',
      `sha256:${sha256('1')}`,
      'https://builds.coreos.fedoraproject.org/prod/streams/stable/builds/44.20261101.3.0/x86_64/fedora-coreos-44.20261101.3.0-qemu.x86_64.qcow2.xz',
      'detached image',
    ],
    [
      'flatcar-stable',
      'aarch64',
      '4459.2.4',
      `sha512:${sha512('3')}`,
      'https://stable.release.flatcar-linux.net/arm64-usr/4459.2.4/flatcar_production_qemu_uefi_image.img',
      'clear checksums',
    ],
  ] as const)('finds the newest build of %s for %s', async (name, arch, version, digest, url, signed) => {
    const found = await resolved(name, arch);
    expect(found).toMatchObject({ name, arch, version, url, format: 'qcow2', signer: undefined });
    expect(found.downloaded && digestText(found.downloaded)).toBe(digest);
    expect(found.fileName).toBe(url.slice(url.lastIndexOf('/') + 1));
    expect(found.signature && `${found.signature.kind} ${found.signature.of}`).toBe(signed);
  });

  it('knows what comes out of a compressed file, and how long one is, where that is published', async () => {
    expect((await resolved('fedora-coreos-stable')).content).toStrictEqual({
      algorithm: 'sha256',
      hex: sha256('2'),
    });
    expect((await resolved('fedora-44')).bytes).toBe(537_001_984);
    expect((await resolved('ubuntu-24.04')).bytes).toBe(600_000_000);
    expect((await resolved('debian-12')).bytes).toBeUndefined();
  });

  it('says where a signature of the image is', async () => {
    expect((await resolved('archlinux')).signature?.url).toMatch(/cloudimg\.qcow2\.sig$/u);
    expect((await resolved('alpine-3.23')).signature?.url).toMatch(/-r0\.qcow2\.asc$/u);
    expect((await resolved('fedora-coreos-stable')).signature?.url).toMatch(/\.qcow2\.xz\.sig$/u);
  });

  it('refuses an architecture that there is no image for', async () => {
    await expect(resolved('archlinux', 'aarch64')).rejects.toThrow(
      'image archlinux: it is for x86_64, and the hypervisor is aarch64',
    );
  });
});

describe('an index that is not as it should be', () => {
  const at = Object.fromEntries(Object.keys(INDEXES).map((url) => [url.replace(/^.*\//u, ''), url]));
  const url = (end: string): string => at[end] ?? '';

  it.each([
    ['debian-12', 'debian-12-genericcloud-amd64.json', '<html>moved</html>', 'no build is told there'],
    [
      'debian-12',
      'SHA512SUMS',
      `${sha512('1')}  other.qcow2`,
      'its checksum file: it has 1 file, and none is "debian-12-gen',
    ],
    [
      'debian-12',
      'SHA512SUMS',
      `${sha256('1')}  debian-12-genericcloud-amd64-20261112-2701.qcow2`,
      'it has no sha512 of',
    ],
    ['debian-12', 'SHA512SUMS', '<!doctype html>', 'it is a web page and no checksum file'],
    ['ubuntu-24.04', 'com.ubuntu.cloud:released:download.json', '[]', 'its index is no JSON'],
    [
      'ubuntu-26.04',
      'com.ubuntu.cloud:released:download.json',
      '{}',
      'its index has no product "com.ubuntu.cloud:server:26.04:amd64"',
    ],
    ['fedora-coreos-stable', 'stable.json', '{', 'its index is no JSON'],
    [
      'fedora-coreos-stable',
      'stable.json',
      '{"architectures":{}}',
      'its index has no qemu image as qcow2.xz for x86_64',
    ],
  ])('%s: %s', async (name, file, text, problem) => {
    const failure = await resolved(name, 'x86_64', { ...INDEXES, [url(file)]: text }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(PlowError);
    expect(failure).toMatchObject({ kind: 'config', message: expect.stringContaining(problem) });
    expect(failure).toMatchObject({ message: expect.stringContaining(`image ${name}: `) });
    expect(failure).toMatchObject({ message: expect.stringContaining(url(file)) });
  });

  it('leads nowhere else: no other scheme, no path upwards', async () => {
    const stream = (INDEXES[url('stable.json')] ?? '').replaceAll('https://', 'http://');
    await expect(
      resolved('fedora-coreos-stable', 'x86_64', { [url('stable.json')]: stream }),
    ).rejects.toThrow('no address of the image that can be followed');
    const index = url('com.ubuntu.cloud:released:download.json');
    const upwards = (INDEXES[index] ?? '').replaceAll('server/releases/noble', '../noble');
    await expect(resolved('ubuntu-24.04', 'x86_64', { [index]: upwards })).rejects.toThrow(
      'its index has no path of build "20261002.1" that can be followed',
    );
  });
});

describe('an entry that names a key', () => {
  it.each(['fedora-44', 'ubuntu-24.04', 'almalinux-10'])('takes of %s only what is signed', async (name) => {
    const web = webOf(INDEXES);
    expect(await resolveImage(withKey(name), 'x86_64', web)).toMatchObject({ signer: 'by keys/one.gpg' });
  });

  it('asks for the signed file alone where the digests are in it', async () => {
    const asc =
      'https://stable.release.flatcar-linux.net/arm64-usr/4459.2.4/flatcar_production_qemu_uefi_image.img.DIGESTS.asc';
    const plain = INDEXES[asc.replace(/\.asc$/u, '')] ?? '';
    const text = `-----BEGIN PGP SIGNED MESSAGE-----\n\n${plain}-----BEGIN PGP SIGNATURE-----\n`;
    const web = webOf({ ...INDEXES, [asc]: text });
    expect(await resolveImage(withKey('flatcar-stable'), 'aarch64', web)).toMatchObject({
      signer: 'by keys/one.gpg',
      downloaded: { algorithm: 'sha512', hex: sha512('3') },
    });
    expect(web.asked.filter((one) => one.includes('DIGESTS'))).toStrictEqual([asc]);
  });

  it('is refused where the publisher signs nothing', async () => {
    await expect(resolveImage(withKey('debian-12'), 'x86_64', webOf(INDEXES))).rejects.toThrow(
      'image debian-12: signed_by names a key, and its publisher signs nothing',
    );
  });

  it('leaves a signature of the image to when the image is there', async () => {
    expect(await resolveImage(withKey('archlinux'), 'x86_64', webOf(INDEXES))).toMatchObject({
      signer: undefined,
      signature: { of: 'image' },
    });
  });
});
