import type { ImageNeeds } from '../../config/machine.ts';
import type { CatalogEntry, ImageIndex } from './entry.ts';
import { entry } from './own-entry.ts';

/** A directory with one file of digests of all that is in it, which tells the newest build. */
function withChecksums(directory: string, file: string, isSigned = false): ImageIndex {
  return {
    kind: 'checksum-file',
    url: `${directory}/{file}`,
    checksumUrl: `${directory}/CHECKSUM`,
    file,
    ...(isSigned
      ? { signature: { kind: 'detached', of: 'checksums', urls: ['{checksumUrl}.asc'] } as const }
      : {}),
  };
}

/** Without a signature. */
export function centos(release: number, needs: ImageNeeds): CatalogEntry {
  const index = withChecksums(
    `https://cloud.centos.org/centos/${release}-stream/{arch}/images`,
    String.raw`CentOS-Stream-GenericCloud-${release}-(?<version>\d{8}\.\d+)\.{arch}\.qcow2`,
  );
  return entry(`centos-stream-${release}`, `CentOS Stream ${release}, GenericCloud`, index, needs);
}

/** Without a signature. */
export function rocky(release: number, needs: ImageNeeds): CatalogEntry {
  const index = withChecksums(
    `https://dl.rockylinux.org/pub/rocky/${release}/images/{arch}`,
    String.raw`Rocky-${release}-GenericCloud-Base-(?<version>${release}\.\d+-\d{8}\.\d+)\.{arch}\.qcow2`,
  );
  return entry(`rocky-${release}`, `Rocky Linux ${release}, GenericCloud Base`, index, needs);
}

/** Signed. */
export function almalinux(release: number, needs: ImageNeeds): CatalogEntry {
  const index = withChecksums(
    `https://repo.almalinux.org/almalinux/${release}/cloud/{arch}/images`,
    String.raw`AlmaLinux-${release}-GenericCloud-(?<version>${release}\.\d+-\d{8}(?:\.\d+)?)\.{arch}\.qcow2`,
    true,
  );
  return entry(`almalinux-${release}`, `AlmaLinux ${release}, GenericCloud`, index, needs);
}
