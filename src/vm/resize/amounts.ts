import type { Amount } from '../../hypervisor/domain.ts';

/** Of CPUs, or of KiB of memory, in a document. */
export interface Amounts {
  readonly now: number;
  /** What it can have while it runs. */
  readonly most: number;
}

/** When a VM has what it is to have. */
export type When = 'now' | 'at the next start';

/** What it takes to have an amount. */
export interface AmountPlan {
  readonly changes: readonly { readonly amount: number; readonly what: Amount }[];
  readonly when: When;
}

/**
 * How a VM comes to have an amount. Where it can have no more than it has, which is how plow makes VMs, its
 * most follows; a room that somebody left for more stays, and so does the most that is to be kept. What runs
 * only ever gets more: to take something away it needs the consent of a guest, which may not give it.
 * @param live undefined for a VM that does not run
 * @param keepsMost also where it has all of it now
 */
export function planAmount(
  wanted: number,
  stored: Amounts,
  live: Amounts | undefined,
  keepsMost = false,
): AmountPlan {
  const isFixed = stored.most === stored.now && !keepsMost;
  const most = isFixed ? wanted : Math.max(wanted, stored.most);
  // Less as the most lowers what is stored too.
  const left = Math.min(stored.now, most);
  const changes = [
    ...(most === stored.most ? [] : [{ amount: most, what: 'stored maximum' as const }]),
    ...(left === wanted ? [] : [{ amount: wanted, what: 'stored' as const }]),
  ];
  if (live === undefined || live.now === wanted) return { changes, when: 'now' };
  if (live.now > wanted || live.most < wanted) return { changes, when: 'at the next start' };
  return { changes: [...changes, { amount: wanted, what: 'live' }], when: 'now' };
}
