import type { Provisioning, Machine } from '../../config/machine.ts';
import type { HostKeys } from '../host-keys/open-ssh.ts';
import { metaData } from './meta-data.ts';
import { networkConfig } from './network-config.ts';
import { userData } from './user-data.ts';

/** Volume label by which cloud-init finds the seed. */
export const SEED_VOLUME_ID = 'cidata';

export interface SeedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The files of a NoCloud seed. */
export function seedFiles(
  machine: Machine,
  provisioning: Provisioning,
  createdAt: Date,
  hostKeys?: HostKeys,
): readonly SeedFile[] {
  const files = {
    'user-data': userData(provisioning, hostKeys),
    'meta-data': metaData(machine.name, provisioning.hostname, createdAt),
    'network-config': networkConfig(machine.interfaces),
  };
  return Object.entries(files).map(([name, text]) => ({ name, bytes: new TextEncoder().encode(text) }));
}
