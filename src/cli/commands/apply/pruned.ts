import { PlowError } from '../../../errors/plow-error.ts';
import type { Surplus } from '../../../vm/fleet/prune.ts';

/** A VM that has no file any more, and on which of several hosts. */
export interface Pruned {
  readonly surplus: Surplus;
  readonly host: string | undefined;
}

/** How such a VM is told. */
export function prunedName({ surplus, host }: Pruned): string {
  return host === undefined ? surplus.name : `${host}:${surplus.name}`;
}

/** Those that go. */
export function going(pruned: readonly Pruned[]): readonly Pruned[] {
  return pruned.filter(({ surplus }) => surplus.kept === undefined);
}

/** Where nobody can be asked. @throws PlowError (operation) where a VM would go */
export function assertSure(gone: readonly Pruned[]): void {
  if (gone.length === 0) return;
  const vms = gone.length === 1 ? 'a VM has' : `${gone.length} VMs have`;
  const names = gone.map(prunedName).join(', ');
  throw new PlowError('operation', `nothing was done: ${vms} no file any more: ${names}`, {
    hint: '--yes destroys what has no file any more, and does the rest',
  });
}
