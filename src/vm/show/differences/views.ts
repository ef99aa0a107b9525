import type { DomainFacts } from '../../../libvirt-xml/domain/read.ts';
import type { Declared } from '../../../libvirt-xml/metadata/declared.ts';

/** A VM from all sides. */
export interface Views {
  /** What plow made, and in which directory; undefined for a VM of somebody else. */
  readonly own: { readonly declared: Declared; readonly directory: string } | undefined;
  readonly stored: DomainFacts;
  /** Undefined for a VM that does not run. */
  readonly live: DomainFacts | undefined;
  readonly autostart: boolean;
  /** Virtual sizes of disks in bytes by their source, as far as they are known. */
  readonly capacities: ReadonlyMap<string, number>;
}
