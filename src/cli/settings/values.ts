import { posix } from 'node:path';
import type { VirtType } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';

/**
 * A setting as it is given, and where: `flag --connect`, `variable PLOW_CONNECT`, `plow.yaml:1:10`,
 * `default`.
 */
export interface Given<T = string> {
  readonly value: T;
  readonly from: string;
}

/** The directory of VMs. @throws PlowError (config) */
export function absolute(value: string, from: string): string {
  const source = from.replace(/^(?:flag|variable) /u, '');
  if (/\p{Cc}/u.test(value))
    throw new PlowError('config', `${source}: a path cannot hold control characters`);
  if (!posix.isAbsolute(value)) {
    throw new PlowError('config', `${source}: '${value}' is not an absolute path on the hypervisor`);
  }
  const resolved = posix.resolve(value);
  if (resolved === '/' || /^\/(?:dev|proc|sys)(?:\/|$)/u.test(resolved)) {
    throw new PlowError('config', `${source}: '${value}' is no place for disks`);
  }
  return resolved;
}

/** Of a variable. @throws PlowError (config) */
export function virtTypeFrom(given: Given | undefined): Given<VirtType> | undefined {
  if (given === undefined) return undefined;
  const { value, from } = given;
  if (value === 'kvm' || value === 'qemu') return { value, from };
  throw new PlowError('config', `PLOW_VIRT_TYPE: expected kvm or qemu, got '${value}'`);
}
