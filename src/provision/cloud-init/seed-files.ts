import type { Provisioning, Machine } from '../../config/machine.ts';
import type { NamedFile } from '../artefacts.ts';
import type { HostKeys } from '../host-keys/open-ssh.ts';
import { metaData } from './meta-data.ts';
import { networkConfig } from './network-config.ts';
import { userData } from './user-data.ts';

/** Volume label by which cloud-init finds the seed. */
export const SEED_VOLUME_ID = 'cidata';

/** The files of a NoCloud seed. */
export function seedFiles(
  machine: Machine,
  provisioning: Provisioning,
  createdAt: Date,
  hostKeys?: HostKeys,
): readonly NamedFile[] {
  const files = {
    'user-data': userData(provisioning, hostKeys),
    'meta-data': metaData(machine.name, provisioning.hostname, createdAt),
    'network-config': networkConfig(machine.interfaces),
  };
  return Object.entries(files).map(([name, text]) => ({ name, bytes: new TextEncoder().encode(text) }));
}
