import type { ConfigPath } from '../../machine.ts';
import { knownKeys } from './vm-file.ts';

/** Lists whose first item is set most. */
const ITEMS: readonly string[] = ['network_interfaces', 'data_disks'];
const DEEPEST = 3;

/** The keys that a value can be set for, maps by what is in them: `boot_disk.size_gb`. */
export function settableKeys(path: ConfigPath = []): readonly string[] {
  const below = path.length < DEEPEST ? knownKeys(path) : [];
  if (below.length === 0) return path.length === 0 ? [] : [path.join('.')];
  return below.flatMap((key) => settableKeys(ITEMS.includes(key) ? [...path, key, 0] : [...path, key]));
}
