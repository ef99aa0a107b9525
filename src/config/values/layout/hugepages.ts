/** What a VM file calls pages of a size; `default`: the kernel of the hypervisor has one. */
export const HUGEPAGE_SIZES = ['2MiB', '1GiB'] as const;
export type HugepageSize = (typeof HUGEPAGE_SIZES)[number] | 'default';

const KIB: Readonly<Record<(typeof HUGEPAGE_SIZES)[number], number>> = { '2MiB': 2048, '1GiB': 1_048_576 };

/** In KiB; undefined where the hypervisor decides. */
export function pageKib(size: HugepageSize): number | undefined {
  return size === 'default' ? undefined : KIB[size];
}

/** By the size in KiB; undefined for one that a VM file has no word for. */
export function pageSizeOf(kib: number): HugepageSize | undefined {
  return HUGEPAGE_SIZES.find((size) => KIB[size] === kib);
}
