import type { ImageNeeds } from '../../config/machine.ts';
import { isMap } from '../../config/yaml/raw-value.ts';

const FIRMWARES = ['uefi', 'bios'] as const;
const BUSES = ['scsi', 'virtio', 'sata'] as const;
const PROVISIONINGS = ['cloud-init', 'ignition'] as const;
const CPUS = ['x86-64-v2', 'x86-64-v3'] as const;

/**
 * What a record says that a VM of its image needs. Anyone may have written it: a word that this plow does not
 * know counts as none, and without a known way of provisioning nothing of it counts.
 */
export function readNeeds(value: unknown): ImageNeeds | undefined {
  if (!isMap(value)) return undefined;
  const one = <T>(known: readonly T[], key: string): T | undefined =>
    known.find((word) => Object.hasOwn(value, key) && word === value[key]);
  const provisioning = one(PROVISIONINGS, 'provisioning');
  if (provisioning === undefined) return undefined;
  const [firmware, seedBus, cpu] = [one(FIRMWARES, 'firmware'), one(BUSES, 'seedBus'), one(CPUS, 'cpu')];
  return {
    provisioning,
    ...(firmware === undefined ? {} : { firmware }),
    ...(seedBus === undefined ? {} : { seedBus }),
    ...(cpu === undefined ? {} : { cpu }),
  };
}
