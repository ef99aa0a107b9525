/**
 * libvirt's own documents are in KiB; those of others may say a unit.
 * https://libvirt.org/formatdomain.html#memory-allocation
 */
const KIB: Readonly<Record<string, number>> = {
  b: 1 / 1024,
  bytes: 1 / 1024,
  KB: 1000 / 1024,
  k: 1,
  KiB: 1,
  MB: 1e6 / 1024,
  M: 2 ** 10,
  MiB: 2 ** 10,
  GB: 1e9 / 1024,
  G: 2 ** 20,
  GiB: 2 ** 20,
  T: 2 ** 30,
  TiB: 2 ** 30,
};

/** An amount of memory in a document. */
export function inKib(amount: string | undefined, unit = 'KiB'): number {
  return Math.round(Number(amount ?? '0') * (KIB[unit] ?? 1));
}
