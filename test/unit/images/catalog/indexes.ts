/**
 * Indexes in the shape in which each publisher writes them, made by hand and short: one build more than is
 * wanted, files of other kinds beside, digests that tell whose they are.
 */

/** @param mark a digit or a to f */
export const sha256 = (mark: string): string => mark.repeat(64);
export const sha512 = (mark: string): string => mark.repeat(128);

const signed = (text: string): string =>
  `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${text}-----BEGIN PGP SIGNATURE-----\n\niQIzBAEB\n=abcd\n-----END PGP SIGNATURE-----\n`;

const item = (path: string, mark: string): object => ({
  ftype: path.endsWith('.img') ? 'disk1.img' : 'manifest',
  md5: mark.repeat(32),
  path,
  sha256: sha256(mark),
  size: 600_000_000,
});

const noble = (date: string, mark: string): object => ({
  items: {
    'disk1.img': item(`server/releases/noble/release-${date}/ubuntu-24.04-server-cloudimg-amd64.img`, mark),
    manifest: item(`server/releases/noble/release-${date}/ubuntu-24.04-server-cloudimg-amd64.manifest`, '0'),
  },
  label: 'release',
  pubname: `ubuntu-noble-24.04-amd64-server-${date}`,
});

const streams = {
  content_id: 'com.ubuntu.cloud:released:download',
  datatype: 'image-downloads',
  format: 'products:1.0',
  products: {
    'com.ubuntu.cloud:server:24.04:amd64': {
      arch: 'amd64',
      release: 'noble',
      version: '24.04',
      versions: {
        '20260916': noble('20260916', '1'),
        '20261002.1': noble('20261002.1', '2'),
        '20261002': noble('20261002', '3'),
        // Half published: no image yet.
        '20261101': { items: { manifest: item('server/x.manifest', '4') } },
      },
    },
    'com.ubuntu.cloud:server:22.04:amd64': { versions: {} },
  },
};

const release = (version: string, arch: string, link: string): object => ({
  version,
  arch,
  link,
  variant: 'Cloud',
  subvariant: 'Cloud_Base',
  sha256: sha256('9'),
  size: '1',
});

const FEDORA = 'https://download.fedoraproject.org/pub/fedora/linux/releases';

const coreos = {
  stream: 'stable',
  metadata: { 'last-modified': '2026-11-10T20:26:18Z' },
  architectures: {
    x86_64: {
      artifacts: {
        metal: { release: '44.20261101.3.0', formats: {} },
        qemu: {
          release: '44.20261101.3.0',
          formats: {
            'qcow2.xz': {
              disk: {
                location:
                  'https://builds.coreos.fedoraproject.org/prod/streams/stable/builds/44.20261101.3.0/x86_64/fedora-coreos-44.20261101.3.0-qemu.x86_64.qcow2.xz',
                signature:
                  'https://builds.coreos.fedoraproject.org/prod/streams/stable/builds/44.20261101.3.0/x86_64/fedora-coreos-44.20261101.3.0-qemu.x86_64.qcow2.xz.sig',
                sha256: sha256('1'),
                'uncompressed-sha256': sha256('2'),
              },
            },
          },
        },
      },
    },
  },
};

const bsd = (name: string, mark: string): string =>
  `# ${name}: 537001984 bytes\nSHA256 (${name}) = ${sha256(mark)}\n`;

/** By address. */
export const INDEXES: Readonly<Record<string, string>> = {
  'https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.json': JSON.stringify(
    {
      apiVersion: 'v1',
      items: [
        {
          kind: 'Build',
          metadata: {
            labels: {
              'cloud.debian.org/vendor': 'genericcloud',
              'cloud.debian.org/version': '20261112-2701',
            },
          },
        },
      ],
    },
    undefined,
    2,
  ),
  'https://cloud.debian.org/images/cloud/bookworm/20261112-2701/SHA512SUMS': [
    `${sha512('1')}  debian-12-generic-amd64-20261112-2701.qcow2`,
    `${sha512('2')}  debian-12-genericcloud-amd64-20261112-2701.qcow2`,
    `${sha512('3')}  debian-12-genericcloud-amd64-20261112-2701.raw`,
    `${sha512('4')}  debian-12-genericcloud-arm64-20261112-2701.qcow2`,
    '',
  ].join('\n'),
  'https://cloud-images.ubuntu.com/releases/streams/v1/com.ubuntu.cloud:released:download.json':
    JSON.stringify(streams),
  'https://cloud-images.ubuntu.com/releases/streams/v1/com.ubuntu.cloud:released:download.sjson': signed(
    `${JSON.stringify(streams)}\n`,
  ),
  'https://fedoraproject.org/releases.json': JSON.stringify([
    release(
      '44',
      'x86_64',
      `${FEDORA}/44/Cloud/x86_64/images/Fedora-Cloud-Base-UEFI-UKI-44-1.7.x86_64.qcow2`,
    ),
    release('44', 'x86_64', `${FEDORA}/44/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-44-1.7.x86_64.qcow2`),
    release(
      '44',
      'aarch64',
      `${FEDORA}/44/Cloud/aarch64/images/Fedora-Cloud-Base-Generic-44-1.7.aarch64.qcow2`,
    ),
    release('43', 'x86_64', `${FEDORA}/43/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2`),
  ]),
  'https://dl.fedoraproject.org/pub/fedora/linux/releases/44/Cloud/x86_64/images/Fedora-Cloud-44-1.7-x86_64-CHECKSUM':
    signed(
      bsd('Fedora-Cloud-Base-UEFI-UKI-44-1.7.x86_64.qcow2', '1') +
        bsd('Fedora-Cloud-Base-Generic-44-1.7.x86_64.qcow2', '2'),
    ),
  'https://cloud.centos.org/centos/10-stream/x86_64/images/CHECKSUM':
    bsd('CentOS-Stream-GenericCloud-10-20261005.0.x86_64.qcow2', '1') +
    bsd('CentOS-Stream-GenericCloud-10-20261109.0.x86_64.qcow2', '2') +
    bsd('CentOS-Stream-GenericCloud-x86_64-10-20261116.0.x86_64.qcow2', '3') +
    bsd('CentOS-Stream-GenericCloud-10-latest.x86_64.qcow2', '2'),
  'https://dl.rockylinux.org/pub/rocky/9/images/aarch64/CHECKSUM':
    bsd('Rocky-9-GenericCloud-Base-9.8-20260525.0.aarch64.qcow2', '1') +
    bsd('Rocky-9-GenericCloud-Base-9.10-20261120.1.aarch64.qcow2', '2') +
    bsd('Rocky-9-GenericCloud-LVM-9.10-20261120.1.aarch64.qcow2', '3') +
    bsd('Rocky-9-GenericCloud-Base.latest.aarch64.qcow2', '2'),
  'https://repo.almalinux.org/almalinux/10/cloud/x86_64/images/CHECKSUM': [
    `${sha256('1')}  AlmaLinux-10-GenericCloud-10.1-20251125.0.x86_64.qcow2`,
    `${sha256('2')}  AlmaLinux-10-GenericCloud-10.2-20260526.0.x86_64.qcow2`,
    `${sha256('3')}  AlmaLinux-10-GenericCloud-ext4-10.2-20260526.0.x86_64.qcow2`,
    `${sha256('2')}  AlmaLinux-10-GenericCloud-latest.x86_64.qcow2`,
    '',
  ].join('\n'),
  'https://repo.almalinux.org/almalinux/10/cloud/x86_64/images/CHECKSUM.asc': 'sig',
  'https://download.opensuse.org/distribution/leap/16.0/appliances/Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2.sha256': `${sha256('1')}  Leap-16.0-Minimal-VM.x86_64-16.0.0-Cloud-Build16.13.qcow2\n`,
  'https://download.opensuse.org/distribution/leap/16.0/appliances/Leap-16.0-Minimal-VM.aarch64-Cloud.qcow2.sha256': `${sha256('e')}  Leap-16.0-Minimal-VM.aarch64-Cloud.qcow2\n`,
  'https://dl-cdn.alpinelinux.org/alpine/v3.23/releases/cloud/': [
    '<html><body>',
    '<a href="aws_alpine-3.23.9-x86_64-uefi-cloudinit-r0.vhd">',
    '<a href="nocloud_alpine-3.23.2-x86_64-uefi-cloudinit-r0.qcow2">nocloud_alpine-3.23.2-x86_64-uefi-cloudinit-r0.qcow2</a>',
    '<a href="nocloud_alpine-3.23.10-x86_64-uefi-cloudinit-r0.qcow2">nocloud_alpine-3.23.10-x86_64-uefi-cloudinit-r0.qcow2</a>',
    '<a href="nocloud_alpine-3.23.10-x86_64-bios-cloudinit-r0.qcow2">nocloud_alpine-3.23.10-x86_64-bios-cloudinit-r0.qcow2</a>',
    '<a href="nocloud_alpine-3.23.10-x86_64-uefi-cloudinit-r0.qcow2.sha512">',
  ].join('\n'),
  'https://dl-cdn.alpinelinux.org/alpine/v3.23/releases/cloud/nocloud_alpine-3.23.10-x86_64-uefi-cloudinit-r0.qcow2.sha512': `${sha512('5')}\n`,
  'https://geo.mirror.pkgbuild.com/images/':
    '<a href="latest/">latest/</a>\n<a href="v20261015.401234/">v20261015.401234/</a>\n<a href="v20261101.412345/">v20261101.412345/</a>',
  'https://geo.mirror.pkgbuild.com/images/v20261101.412345/Arch-Linux-x86_64-cloudimg.qcow2.SHA256': `${sha256('6')}  Arch-Linux-x86_64-cloudimg.qcow2\n`,
  'https://builds.coreos.fedoraproject.org/streams/stable.json': JSON.stringify(coreos),
  'https://stable.release.flatcar-linux.net/arm64-usr/current/version.txt':
    'FLATCAR_BUILD=4459\nFLATCAR_VERSION=4459.2.4\nFLATCAR_VERSION_ID=4459.2.4\nFLATCAR_BUILD_ID=""\n',
  'https://stable.release.flatcar-linux.net/arm64-usr/4459.2.4/flatcar_production_qemu_uefi_image.img.DIGESTS':
    [
      '# MD5 HASH',
      `${'1'.repeat(32)}  flatcar_production_qemu_uefi_image.img`,
      '# SHA1 HASH',
      `${'2'.repeat(40)}  flatcar_production_qemu_uefi_image.img`,
      '# SHA512 HASH',
      `${sha512('3')}  flatcar_production_qemu_uefi_image.img`,
      `${sha512('4')}  flatcar_production_qemu_uefi_image.img_contents.txt`,
      '',
    ].join('\n'),
};
