import { InvalidArgumentError } from 'commander';
import { LEAST_MTU, MOST_MTU } from '../../config/values/mtu.ts';
import { MIB_PER_GIB } from '../../text/units.ts';

/** As in a VM file: more than any guest can have. */
const MOST_VCPUS = 4096;
const MOST_MEMORY_GIB = 65_536;
const MOST_DISK_GIB = 2 ** 21;

/** @throws InvalidArgumentError */
export function vcpusOf(text: string): number {
  return wholeNumber(text, MOST_VCPUS);
}

/** MiB of `4` or `1.5`, which are GiB. @throws InvalidArgumentError */
export function memoryMibOf(text: string): number {
  const mib = Number(text) * MIB_PER_GIB;
  if (
    /^\d+(?:\.\d+)?$/u.test(text) &&
    Number.isInteger(mib) &&
    mib >= 1 &&
    mib <= MOST_MEMORY_GIB * MIB_PER_GIB
  )
    return mib;
  throw new InvalidArgumentError('expected memory in GiB, such as 4 or 1.5.');
}

/** Bytes, as in a VM file. @throws InvalidArgumentError */
export function mtuOf(text: string): number {
  const bytes = Number(text);
  if (/^\d+$/u.test(text) && bytes >= LEAST_MTU && bytes <= MOST_MTU) return bytes;
  throw new InvalidArgumentError(`expected a number from ${LEAST_MTU} to ${MOST_MTU}.`);
}

/** GiB. @throws InvalidArgumentError */
export function diskGibOf(text: string): number {
  return wholeNumber(text, MOST_DISK_GIB);
}

/** Sizes in GiB by target, of `vdb=200`, which may be repeated. @throws InvalidArgumentError */
export function diskSizeOf(text: string, before: unknown): ReadonlyMap<string, number> {
  const { target = '', size = '' } =
    /^(?<target>[a-z]{2,3}[a-z]{1,2})=(?<size>.*)$/u.exec(text)?.groups ?? {};
  const sizes = new Map(before instanceof Map ? (before as ReadonlyMap<string, number>) : []);
  if (target === '') throw new InvalidArgumentError('expected a disk and its size in GiB, such as vdb=200.');
  if (sizes.has(target)) throw new InvalidArgumentError(`${target} has a size already.`);
  return sizes.set(target, diskGibOf(size));
}

function wholeNumber(text: string, most: number): number {
  const number = Number(text);
  if (/^\d+$/u.test(text) && number >= 1 && number <= most) return number;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${most}.`);
}
