import type { ImageNeeds } from '../../config/machine.ts';
import type { CatalogEntry, ImageIndex } from './entry.ts';

const SAME = { x86_64: 'x86_64', aarch64: 'aarch64' } as const;
/** As Debian and its relatives call them. */
export const OF_DEBIAN = { x86_64: 'amd64', aarch64: 'arm64' } as const;

export const CLOUD: ImageNeeds = { provisioning: 'cloud-init' };
/** RHEL 9 and its relatives, SLE 16. */
export const V2: ImageNeeds = { provisioning: 'cloud-init', cpu: 'x86-64-v2' };
export const V3: ImageNeeds = { provisioning: 'cloud-init', cpu: 'x86-64-v3' };
export const IGNITION: ImageNeeds = { provisioning: 'ignition' };

/** An entry of plow's own: all of them are qcow2. */
export function entry(
  name: string,
  description: string,
  index: ImageIndex,
  needs = CLOUD,
  arches: CatalogEntry['arches'] = SAME,
): CatalogEntry {
  return {
    name,
    description,
    source: 'plow',
    arches,
    format: 'qcow2',
    index,
    needs,
    fileName: undefined,
    signedBy: undefined,
  };
}
