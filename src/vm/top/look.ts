import type { DomainStatistics, Measuring } from '../../hypervisor/statistics.ts';
import { explaining } from '../failure.ts';

/** What the VMs of a hypervisor had done when it was asked. */
export interface Look {
  /** Of a clock that only goes forward. */
  readonly atMs: number;
  readonly vms: readonly DomainStatistics[];
  /** False where a QEMU that hangs kept memory and disks from being told. */
  readonly isWhole: boolean;
}

/** Looks at all VMs of a hypervisor: one round trip, where no QEMU hangs. @throws PlowError */
export async function lookAt(hypervisor: Measuring, nowMs: () => number): Promise<Look> {
  const { domains, isWhole } = await explaining(
    hypervisor.statistics(),
    'operation',
    'cannot look at the VMs',
  );
  return { atMs: nowMs(), vms: domains, isWhole };
}
