import type * as z from 'zod/mini';

import { count } from '../../schema/words.ts';
import { MIB_PER_GIB } from '../../../text/units.ts';

/** 64 TiB: the 46 bits of physical address that today's x86 servers have. */
const MOST_MEMORY_GIB = 65_536;

/** An amount in GiB. @param mibKey its neighbour, which says what is no whole number of them */
export function memoryGib(mibKey: string): z.ZodMiniNumberFormat {
  return count(MOST_MEMORY_GIB, '64 TiB', (gib) => {
    const mib = Math.max(1, Math.round(gib * MIB_PER_GIB));
    return `must be a whole number; for ${gib} GiB write ${mibKey}: ${mib} instead`;
  });
}

/** An amount in MiB. */
export function memoryMib(): z.ZodMiniNumberFormat {
  return count(MOST_MEMORY_GIB * MIB_PER_GIB, '64 TiB');
}
