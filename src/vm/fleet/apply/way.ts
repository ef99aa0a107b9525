import { CDROM_TARGET } from '../../../config/values/media.ts';
import type { Machine } from '../../../config/machine.ts';
import type { Change } from '../change.ts';

/** By which of plow's own functions a change is made. `store`: the stored document is changed. */
export type Way =
  | 'record'
  | 'describe'
  | 'autostart'
  | 'resize'
  | 'tune disk'
  | 'attach disk'
  | 'attach nic'
  | 'detach nic'
  | 'medium'
  | 'store';

/** What stands in plow's own record alone. */
const RECORDED: ReadonlySet<string> = new Set(['tags', 'lifetime_minutes', 'fleet', 'group']);
const AMOUNTS: ReadonlySet<string> = new Set(['vcpus', 'memory_kib', 'current_memory_kib']);

/** @param isRunning whether it is done to a VM that runs */
export function wayOf({ what, file, stored }: Change, machine: Machine, isRunning: boolean): Way {
  const [kind = '', name = '', field] = what.split(' ');
  if (RECORDED.has(what)) return 'record';
  if (what === 'description') return 'describe';
  if (what === 'autostart') return 'autostart';
  if (AMOUNTS.has(what) && isRunning) return 'resize';
  if (kind === 'disk') {
    if (field === 'io_limits' && isRunning) return 'tune disk';
    return wayOfDisk(name, field, stored === null || file === null);
  }
  if (kind !== 'interface') return 'store';
  if (field === 'address') return 'record';
  if (field !== undefined || (stored !== null && file !== null)) return 'store';
  if (file === null) return isRunning ? 'detach nic' : 'store';
  const isBridged = machine.interfaces.some(({ mac, mode }) => mac === name && mode === 'bridge');
  return isBridged ? 'attach nic' : 'store';
}

function wayOfDisk(target: string, field: string | undefined, comesOrGoes: boolean): Way {
  if (field === 'size_bytes') return 'resize';
  if (field !== undefined) return 'store';
  if (target === CDROM_TARGET) return comesOrGoes ? 'store' : 'medium';
  return 'attach disk';
}
