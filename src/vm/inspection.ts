import type { HostFacts } from '../libvirt-xml/read-capabilities.ts';
import type { VmContext } from './context.ts';
import type { Directories } from './directories.ts';
import type { DomainDocument } from './hypervisor.ts';

/** A mistake in the configuration that only the hypervisor can tell. */
export type Complain = (path: readonly (string | number)[], message: string) => void;

/** What the checks before a create share. */
export interface Inspection {
  readonly context: VmContext;
  readonly host: HostFacts;
  readonly directories: Directories;
  /** The documents of all domains, asked for once. */
  readonly documents: () => Promise<readonly DomainDocument[]>;
  readonly complain: Complain;
}
