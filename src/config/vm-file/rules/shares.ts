import type { Machine } from '../../machine.ts';
import { doOverlap, shareDirectoryMistake } from '../../values/devices/shares.ts';
import { label } from '../../yaml/mistake.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { listAt, valueAt } from '../../yaml/raw-value.ts';

/** One in the other: the guest could put a link where the inner one begins. @param file as it was written */
export function shareMistakes(file: unknown): readonly Mistake[] {
  const sources = listAt(file, 'shares').map((share) => {
    const source = valueAt(share, 'source');
    return typeof source === 'string' && shareDirectoryMistake(source) === undefined ? source : undefined;
  });
  return sources.flatMap((source, index) => {
    if (source === undefined) return [];
    const other = sources.findIndex((one) => one !== undefined && doOverlap(one, source));
    if (other === index) return [];
    const there = label(['shares', other]);
    const text =
      sources[other] === source
        ? `is already that of ${there}`
        : `overlaps with that of ${there}: share one of them`;
    return [{ path: ['shares', index, 'source'], text }];
  });
}

/** virtiofsd works as root, and takes the guest's word for who asks. */
export function shareDoubts({ shares }: Machine): Mistake[] {
  return shares.map(({ isReadOnly }, index) => ({
    path: ['shares', index, 'source'],
    text: isReadOnly
      ? 'root of the guest reads all that is in it, whatever its mode'
      : 'root of the guest writes there as root of the hypervisor, programs that run as root (setuid) and device files too',
  }));
}
