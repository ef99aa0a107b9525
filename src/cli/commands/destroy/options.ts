import type { BatchFormat } from '../../run/batch/batch.ts';

export interface DestroyOptions {
  readonly format: BatchFormat;
  /** How long a guest may take to shut down; undefined: as usual. */
  readonly graceMs: number | undefined;
  /** That the guests are forced off: whoever names such VMs need not be asked. */
  readonly isForced: boolean;
  /** Yes to whatever would be asked. */
  readonly isSure: boolean;
  readonly ifExists: boolean;
  /** For how long they can be brought back; undefined: not at all. */
  readonly undoMinutes: number | undefined;
  /** Their data disks stay. */
  readonly keepsData: boolean;
  /** With that, though what their TPMs remember goes. */
  readonly dropsTpm: boolean;
}
