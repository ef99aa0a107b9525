import type { Machine, Provisioning, ProvisioningFormat } from '../config/machine.ts';
import { IGNITION_FILE } from '../config/vm-paths.ts';
import type { Artefacts, GuestOrigin } from './artefacts.ts';
import { newMachineIdFile } from './cloud-init/new-machine-id.ts';
import { SEED_VOLUME_ID, seedFiles } from './cloud-init/seed-files.ts';
import { ignitionConfig } from './ignition/config.ts';

type Provisioner = (machine: Machine, guest: Provisioning, origin: GuestOrigin) => Artefacts;

/** What each format makes of the same words; what it cannot say, the rules of the VM file have refused. */
const PROVISIONERS: Readonly<Record<ProvisioningFormat, Provisioner>> = {
  'cloud-init': (machine, guest, { createdAt, hostKeys, isClone = false }) => ({
    kind: 'seed',
    volumeId: SEED_VOLUME_ID,
    files: [...seedFiles(machine, guest, createdAt, hostKeys), ...(isClone ? [newMachineIdFile()] : [])],
  }),
  ignition: (machine, guest, { hostKeys }) => ({
    kind: 'firmware',
    file: { name: IGNITION_FILE, bytes: new TextEncoder().encode(ignitionConfig(machine, guest, hostKeys)) },
  }),
};

/** What the guest of a machine is handed; undefined where nothing is to set it up. */
export function artefactsOf(machine: Machine, origin: GuestOrigin): Artefacts | undefined {
  const { provisioning } = machine;
  return provisioning && PROVISIONERS[provisioning.format](machine, provisioning, origin);
}
