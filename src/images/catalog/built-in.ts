import type { ImageNeeds } from '../../config/machine.ts';
import { almalinux, centos, rocky } from './enterprise-linux.ts';
import type { CatalogEntry, ImageIndex } from './entry.ts';
import { CLOUD, entry, IGNITION, OF_DEBIAN, V2, V3 } from './own-entry.ts';

/** The cloud kernel of these has no AHCI, so that it sees no seed on a sata bus. */
function debian(release: number, codename: string): CatalogEntry {
  const directory = `https://cloud.debian.org/images/cloud/${codename}`;
  const file = `debian-${release}-genericcloud-{arch}`;
  const index: ImageIndex = {
    kind: 'checksum-file',
    version: {
      url: `${directory}/latest/${file}.json`,
      pattern: String.raw`"cloud\.debian\.org/version":\s*"(?<version>\d{8}-\d+)"`,
    },
    url: `${directory}/{version}/${file}-{version}.qcow2`,
    checksumUrl: `${directory}/{version}/SHA512SUMS`,
    wanted: 'sha512',
  };
  const needs: ImageNeeds = { ...CLOUD, seedBus: 'scsi' };
  return entry(`debian-${release}`, `Debian ${release} (${codename}), genericcloud`, index, needs, OF_DEBIAN);
}

function ubuntu(release: string, codename: string): CatalogEntry {
  const base = 'https://cloud-images.ubuntu.com/releases/';
  const url = `${base}streams/v1/com.ubuntu.cloud:released:download.json`;
  const index: ImageIndex = {
    kind: 'simplestreams',
    url,
    base,
    product: `com.ubuntu.cloud:server:${release}:{arch}`,
    item: 'disk1.img',
    signature: { kind: 'clear', of: 'checksums', urls: [url.replace(/json$/u, 'sjson')] },
  };
  return entry(`ubuntu-${release}`, `Ubuntu ${release} LTS (${codename}), server`, index, CLOUD, OF_DEBIAN);
}

function fedora(release: number): CatalogEntry {
  const directory = `https://dl.fedoraproject.org/pub/fedora/linux/releases/${release}/Cloud/{arch}/images`;
  const index: ImageIndex = {
    kind: 'checksum-file',
    version: {
      url: 'https://fedoraproject.org/releases.json',
      pattern: String.raw`Fedora-Cloud-Base-Generic-${release}-(?<version>\d+\.\d+)\.{arch}\.qcow2`,
    },
    url: `${directory}/Fedora-Cloud-Base-Generic-${release}-{version}.{arch}.qcow2`,
    checksumUrl: `${directory}/Fedora-Cloud-${release}-{version}-{arch}-CHECKSUM`,
    wanted: 'sha256',
    signature: { kind: 'clear', of: 'checksums', urls: ['{checksumUrl}'] },
  };
  return entry(`fedora-${release}`, `Fedora ${release}, Cloud Base`, index);
}

/** Its checksum file may speak of the file by its name with the build in it. */
function opensuse(): CatalogEntry {
  const directory = 'https://download.opensuse.org/distribution/leap/16.0/appliances';
  const index: ImageIndex = {
    kind: 'checksum-file',
    url: `${directory}/{file}`,
    checksumUrl: `${directory}/Leap-16.0-Minimal-VM.{arch}-Cloud.qcow2.sha256`,
    file: String.raw`Leap-16\.0-Minimal-VM\.{arch}-(?:16\.0\.\d+-)?Cloud(?:-Build(?<version>\d+(?:\.\d+)*))?\.qcow2`,
    signature: { kind: 'detached', of: 'checksums', urls: ['{checksumUrl}.asc'] },
  };
  return entry('opensuse-leap-16', 'openSUSE Leap 16.0, Minimal VM (Cloud)', index, V2);
}

function alpine(): CatalogEntry {
  const directory = 'https://dl-cdn.alpinelinux.org/alpine/v3.23/releases/cloud';
  const index: ImageIndex = {
    kind: 'checksum-file',
    version: {
      url: `${directory}/`,
      pattern: String.raw`nocloud_alpine-(?<version>3\.23\.\d+)-{arch}-uefi-cloudinit-(?<release>r\d+)\.qcow2`,
    },
    url: `${directory}/{file}`,
    checksumUrl: `${directory}/{file}.sha512`,
    wanted: 'sha512',
    signature: { kind: 'detached', of: 'image', urls: ['{url}.asc'] },
  };
  return entry('alpine-3.23', 'Alpine Linux 3.23, nocloud', index, { ...CLOUD, firmware: 'uefi' });
}

function arch(): CatalogEntry {
  const directory = 'https://geo.mirror.pkgbuild.com/images';
  const index: ImageIndex = {
    kind: 'checksum-file',
    version: { url: `${directory}/`, pattern: String.raw`\bv(?<version>\d{8}\.\d+)/` },
    url: `${directory}/v{version}/{file}`,
    checksumUrl: `${directory}/v{version}/Arch-Linux-{arch}-cloudimg.qcow2.SHA256`,
    file: String.raw`Arch-Linux-{arch}-cloudimg(?:-\d{8}\.\d+)?\.qcow2`,
    wanted: 'sha256',
    signature: { kind: 'detached', of: 'image', urls: ['{url}.sig'] },
  };
  return entry('archlinux', 'Arch Linux, cloudimg', index, CLOUD, { x86_64: 'x86_64' });
}

function coreos(stream: string): CatalogEntry {
  const index: ImageIndex = {
    kind: 'coreos-stream',
    url: `https://builds.coreos.fedoraproject.org/streams/${stream}.json`,
    artifact: 'qemu',
    fileFormat: 'qcow2.xz',
  };
  return entry(`fedora-coreos-${stream}`, `Fedora CoreOS, stream ${stream}`, index, IGNITION);
}

function flatcar(channel: string): CatalogEntry {
  const directory = `https://${channel}.release.flatcar-linux.net/{arch}-usr`;
  const index: ImageIndex = {
    kind: 'checksum-file',
    version: {
      url: `${directory}/current/version.txt`,
      pattern: String.raw`^FLATCAR_VERSION=(?<version>\d+\.\d+\.\d+)$`,
    },
    url: `${directory}/{version}/flatcar_production_qemu_uefi_image.img`,
    checksumUrl: '{url}.DIGESTS',
    wanted: 'sha512',
    signature: { kind: 'clear', of: 'checksums', urls: ['{checksumUrl}.asc'] },
  };
  const needs: ImageNeeds = { ...IGNITION, firmware: 'uefi' };
  return entry(`flatcar-${channel}`, `Flatcar Container Linux, ${channel}`, index, needs, OF_DEBIAN);
}

/** What plow knows by name, without a digest and without a key: both are their publishers'. */
export const BUILT_IN: readonly CatalogEntry[] = [
  debian(12, 'bookworm'),
  debian(13, 'trixie'),
  ubuntu('22.04', 'jammy'),
  ubuntu('24.04', 'noble'),
  ubuntu('26.04', 'resolute'),
  fedora(43),
  fedora(44),
  centos(9, V2),
  centos(10, V3),
  rocky(9, V2),
  rocky(10, V3),
  almalinux(9, V2),
  almalinux(10, V3),
  opensuse(),
  alpine(),
  arch(),
  ...['stable', 'testing', 'next'].map(coreos),
  ...['stable', 'beta', 'alpha'].map(flatcar),
];
