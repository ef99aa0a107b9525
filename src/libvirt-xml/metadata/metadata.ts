import type { Machine } from '../../config/machine.ts';
import type { Declared } from './declared.ts';
import { toStored } from './stored-vm.ts';
import type { StoredVm } from './stored-vm.ts';

/** plow's element in a domain's <metadata>. https://libvirt.org/formatdomain.html#general-metadata */
export const METADATA_NAMESPACE = { prefix: 'plow', uri: 'urn:plow:domain:1' } as const;

interface MetadataHead {
  /** `creating` until everything of the VM exists: a create that died leaves it so. */
  readonly status: 'creating' | 'ready';
  /**
   * Of one being created: its create has seen no other VM with its addresses, and no later one may have them.
   */
  readonly claimed?: true;
  /**
   * Of one being created: data disks that were there before it, by their target devices. They are the VM's
   * own once it is complete.
   */
  readonly adopted?: readonly string[];
  /** UUID of the domain it was written for: a clone carries a copy that is not its own. */
  readonly uuid: string;
  /** Version of the plow that made the VM. */
  readonly version: string;
  /** ISO 8601. */
  readonly created: string;
  /** The VM's own directory on the hypervisor. */
  readonly directory: string;
}

/** As it is written. */
export interface NewMetadata extends MetadataHead {
  readonly stored: StoredVm;
}

/** As it is read. */
export interface DomainMetadata extends MetadataHead {
  readonly declared: Declared;
}

/**
 * The metadata of a VM that is made, or adopted, just now: there is no other builder of it.
 * @param hostKeys public halves of those in the seed; undefined where plow made none
 */
export function newMetadata(
  machine: Machine,
  { createdAt, ...head }: Omit<MetadataHead, 'claimed' | 'created'> & { readonly createdAt: Date },
  hostKeys?: readonly string[],
): NewMetadata {
  return { ...head, created: createdAt.toISOString(), stored: toStored(machine, hostKeys) };
}
