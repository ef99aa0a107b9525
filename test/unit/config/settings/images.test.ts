import { describe, expect, it } from 'vitest';

import { keyringPath } from '../../../../src/config/settings/images.ts';
import { loadSettings } from '../../../../src/config/settings/load.ts';
import { PlowError } from '../../../../src/errors/plow-error.ts';

const SHA256 = 'a'.repeat(64);

/** What is said of one image that is written so. */
function mistakes(...lines: readonly string[]): readonly string[] {
  try {
    loadSettings('plow.yaml', `images:\n  one:\n${lines.map((line) => `    ${line}\n`).join('')}`);
    return [];
  } catch (error) {
    if (error instanceof PlowError) return error.message.split('\n');
    throw error;
  }
}

const URL = 'download_url: https://example.com/a.qcow2';
const SUM = `checksum_value: ${SHA256}`;

describe('images: of the settings file', () => {
  it('has the keys of lists that people have', () => {
    const { values } = loadSettings(
      'plow.yaml',
      `images:
  fedora-43-uki:
    filename: fedora-43-uki.qcow2
    format: qcow2
    description: Fedora 43, unified kernel
    architecture: x86_64
    download_url: https://example.com/Fedora-Cloud-Base-UEFI-UKI-43-1.6.x86_64.qcow2
    checksum_url: https://example.com/Fedora-Cloud-43-1.6-x86_64-CHECKSUM
    checksum_type: sha256
    signed_by: keys/fedora-43.gpg
    firmware: uefi
    cloud_init: { bus: scsi }
    provisioning: { format: cloud-init }
  debian-12: { signed_by: ~/keys/mine.gpg }
`,
    );
    expect(Object.keys(values.images ?? {})).toStrictEqual(['fedora-43-uki', 'debian-12']);
    expect(Object.keys(values.images?.['fedora-43-uki'] ?? {})).toHaveLength(11);
  });

  it.each([
    [[URL, SUM]],
    [[URL, `checksum_value: sha512:${'b'.repeat(128)}`, 'checksum_type: sha512']],
    [[URL, 'checksum_url: https://example.com/SUMS']],
    [['download_url: http://example.com/a.img.xz?x=1', SUM]],
    [['download_url: http://example.com/a.raw.zst', 'signed_by: ~/k.gpg']],
    [['download_url: https://example.com:8443/pub/a.raw.gz', 'format: raw']],
    [['signed_by: k.gpg', 'firmware: uefi']],
  ])('takes %j', (lines) => {
    expect(mistakes(...lines)).toStrictEqual([]);
  });

  it.each([
    [
      [URL, SUM, 'checksum_url: https://example.com/SUMS'],
      'checksum_value: beside checksum_url: one of them is enough',
    ],
    [
      ['download_url: http://example.com/a.img', 'checksum_url: https://example.com/SUMS'],
      'download_url: over http:// anybody on the way can change it: give it as https://, or checksum_value or signed_by',
    ],
    [
      [URL, 'checksum_url: http://example.com/SUMS'],
      'checksum_url: over http:// anybody on the way can change it: give it as https://, or signed_by',
    ],
    [
      ['download_url: https://example.com/a.img.bz2'],
      'download_url: ends in .bz2, which plow does not unpack: bunzip2 it first',
    ],
    [
      ['download_url: https://example.com/a.vmdk'],
      'download_url: must end in what it is, got "a.vmdk": plow takes .qcow2, .img, .raw and .iso',
    ],
    [
      ['download_url: https://me:secret@example.com/a.img'],
      'download_url: must not hold a user or password (not shown)',
    ],
    [['download_url: ftp://example.com/a.img'], 'download_url: must be an address such as'],
    [['download_url: /srv/a.img'], 'download_url: must be an address such as'],
    [[URL, 'checksum_value: abc'], 'checksum_value: must have 64 digits (sha256) or 128 (sha512), got 3'],
    [[URL, `checksum_value: ${'a'.repeat(32)}`], 'checksum_value: md5 proves nothing'],
    [[URL, 'checksum_type: md5'], 'checksum_type: must be sha256 or sha512, got "md5"'],
    [[URL, SUM, 'checksum_type: sha512'], 'checksum_type: checksum_value is a sha256, got "sha512"'],
    [[URL, 'format: raw'], 'format: the name of what is downloaded says qcow2, got "raw"'],
    [[URL, 'format: vmdk'], 'format: must be qcow2 or raw or iso, got "vmdk"'],
    [[URL, 'filename: ../a.qcow2'], "filename: must be a file's name of letters"],
    [
      ['checksum_url: https://example.com/SUMS'],
      'checksum_url: says how to download an image, and there is no download_url',
    ],
    [[URL, 'checksum: abc'], "checksum: unknown key; did you mean 'checksum_url'?"],
    [[URL, 'cloud_init: { buss: scsi }'], "cloud_init.buss: unknown key; did you mean 'bus'?"],
    [[URL, 'colour: red'], 'colour: unknown key; known here are download_url, checksum_url'],
  ])('refuses %j', (lines, text) => {
    const found = mistakes(...lines);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`images.one.${text}`);
  });

  it('shows no password', () => {
    expect(mistakes('download_url: https://me:s3cr3t@example.com/a.img').join('\n')).not.toContain('s3cr3t');
  });

  it('has names that can be part of a file', () => {
    expect(() => loadSettings('plow.yaml', 'images: { Debian/12: { signed_by: a } }')).toThrow(
      'takes a-z, digits, dots, hyphens and underscores, at most 63, got "Debian/12"',
    );
  });

  it('has keys from the directory of the file on', () => {
    expect(keyringPath('keys/a.gpg', '/etc/plow/config.yaml', '/root')).toBe('/etc/plow/keys/a.gpg');
    expect(keyringPath('~/a.gpg', '/etc/plow/config.yaml', '/root')).toBe('/root/a.gpg');
    expect(keyringPath('/k/a.gpg', '/etc/plow/config.yaml', '/root')).toBe('/k/a.gpg');
  });
});
