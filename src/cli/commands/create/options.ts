import type { LoadedMachine } from '../../../config/machine.ts';
import type { Condition } from '../../../vm/wait/evidence.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import type { Task } from '../../run/batch/task.ts';
import type { GuardOf } from '../../run/address-guard.ts';
import type { Uploads } from './uploads.ts';
import type { Made } from './wait.ts';

export interface CreateOptions extends OutsideFiles {
  readonly format: BatchFormat;
  /** Of a VM that exists nothing more is wanted. */
  readonly ifNotExists: boolean;
  /** In place of what the files say. */
  readonly lifetimeMinutes: number | undefined;
  /** What is waited for once they are made. */
  readonly condition: Condition | undefined;
  readonly withinMs: number | undefined;
  readonly adoptsData: boolean;
  /** Of the host on which a VM is made. */
  readonly guardOf: GuardOf;
  /** Base images of this machine are brought to the hypervisor. */
  readonly upload: boolean;
}

/** @param onMade is told of the VM once it is there */
export type TaskOf = (
  loaded: LoadedMachine,
  how: Pick<CreateOptions, 'ifNotExists' | 'adoptsData'> & { readonly uploads: Uploads | undefined },
  onMade: (vm: Made) => void,
) => Task;
