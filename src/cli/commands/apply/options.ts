import type { Allowed } from '../../../vm/fleet/plan.ts';
import type { WaitOptions } from '../../../vm/wait/wait.ts';
import type { GuardOf } from '../../run/address-guard.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';

export interface ApplyOptions extends OutsideFiles {
  readonly format: 'text' | 'json' | 'quiet';
  readonly allowed: Allowed;
  /** Whether VMs go that have no file any more; for how long they can be brought back, where they can be. */
  readonly prune: { readonly undoMinutes: number | undefined } | undefined;
  /** How many VMs come before all others, and are waited for; undefined: none. */
  readonly canary: number | undefined;
  /** What is waited for once a VM was made or taken down; undefined: nobody waits. */
  readonly wait: WaitOptions | undefined;
  /** Nobody is asked. */
  readonly isSure: boolean;
  /** Of the host on which a VM gets addresses. */
  readonly guardOf: GuardOf;
}
