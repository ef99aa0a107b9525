import type { ConfigPath } from '../../machine.ts';
import { listAt, valueAt } from '../../yaml/raw-value.ts';

/**
 * Several keys may say the same: what is said of one goes to the one that the file has.
 * @param value the file as plain values
 */
export function asWritten(path: ConfigPath, value: unknown): ConfigPath {
  const [first, index, last] = path;
  const has = (key: string): boolean => valueAt(value, key) !== undefined;
  if (first === 'memory_gib') return has('memory_gib') ? path : ['memory_mib'];
  if (first === 'memory_max_gib' && !has('memory_max_gib'))
    return has('memory_max_mib') ? ['memory_max_mib'] : asWritten(['memory_gib'], value);
  if (first === 'vcpus_max') return has('vcpus_max') ? path : ['vcpus'];
  if (first === 'cpu_mode' && valueAt(valueAt(value, 'cpu'), 'mode') !== undefined) return ['cpu', 'mode'];
  if (first === 'cdrom' && typeof valueAt(value, first) === 'string') return [first];
  if (first !== 'numa' || last !== 'memory_gib') return path;
  const cell = listAt(value, 'numa')[Number(index)];
  return valueAt(cell, 'memory_gib') === undefined ? [first, index ?? 0, 'memory_mib'] : path;
}
