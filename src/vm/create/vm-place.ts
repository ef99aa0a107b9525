import type { Pool } from '../../hypervisor/storage.ts';
import type { VmContext } from '../context.ts';
import type { OnFailure } from '../rollback.ts';

/** Where the files of a VM are made, and for whom. */
export interface VmPlace {
  readonly pool: Pool;
  readonly uuid: string;
  readonly context: VmContext;
  readonly onFailure: OnFailure;
}
