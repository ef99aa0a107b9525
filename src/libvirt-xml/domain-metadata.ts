import type { CloudInit, Machine } from '../config/machine.ts';

/** plow's element in a domain's <metadata>. https://libvirt.org/formatdomain.html#general-metadata */
export const METADATA_NAMESPACE = { prefix: 'plow', uri: 'urn:plow:domain:1' } as const;

export interface DomainMetadata {
  /** `creating` until everything of the VM exists: a create that died leaves it so. */
  readonly status: 'creating' | 'ready';
  /** Of one being created: its create has seen no other VM with its addresses, and no later one may have them. */
  readonly claimed?: true;
  /** UUID of the domain it was written for: a clone carries a copy that is not its own. */
  readonly uuid: string;
  /** Version of the plow that made the VM. */
  readonly version: string;
  /** ISO 8601. */
  readonly created: string;
  /** The VM's own directory on the hypervisor. */
  readonly directory: string;
  readonly machine: PublicMachine;
}

/** A machine without what only the seed holds, secrets among it: read-only clients of libvirt may read metadata. */
export type PublicMachine = Omit<Machine, 'cloudInit'> & {
  readonly cloudInit: Pick<CloudInit, 'fqdn' | 'hostname' | 'sshPasswordAuth' | 'bus'> | undefined;
};

export function withoutSecrets(machine: Machine): PublicMachine {
  if (machine.cloudInit === undefined) return { ...machine, cloudInit: undefined };
  const { fqdn, hostname, sshPasswordAuth, bus } = machine.cloudInit;
  return { ...machine, cloudInit: { fqdn, hostname, sshPasswordAuth, bus } };
}
