import type { Pointer } from '../../abi/native.ts';
import { isActive } from '../identity.ts';

/**
 * Where libvirt says what a disk takes up now. Of a running domain's disk, `allocation` is the highest place
 * written to and `physical` what it takes up (measured).
 */
export function takenField(domain: Pointer<'virDomain'>): 'physical' | 'allocation' {
  return isActive(domain) ? 'physical' : 'allocation';
}
