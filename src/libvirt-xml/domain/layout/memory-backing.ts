import type { Machine } from '../../../config/machine.ts';
import { pageKib, pageSizeOf } from '../../../config/values/layout/hugepages.ts';
import type { HugepageSize } from '../../../config/values/layout/hugepages.ts';
import type { XmlElement } from '../../read/parse.ts';
import type { Element, Shape } from '../devices/device.ts';

/**
 * What the memory of a VM lies in: one element for all that have a wish for it. None where nobody has.
 * https://libvirt.org/formatdomain.html#memory-backing
 */
export function addMemoryBacking(domain: Element, { layout, shares }: Machine): void {
  const hugepages = layout?.hugepages;
  if (hugepages === undefined && shares.length === 0) return;
  const backing = domain.ele('memoryBacking');
  if (hugepages !== undefined) addHugepages(backing, hugepages);
  if (shares.length > 0) addSharedMemory(backing);
}

/** What serves the directories of a guest reads what it asks for in its memory. */
function addSharedMemory(backing: Element): void {
  backing.ele('source', { type: 'memfd' });
  backing.ele('access', { mode: 'shared' });
}

/** Of the hypervisor's own size without one. */
export function addHugepages(backing: Element, size: HugepageSize): void {
  const pages = backing.ele('hugepages');
  const kib = pageKib(size);
  if (kib !== undefined) pages.ele('page', { size: kib, unit: 'KiB' });
}

export const MEMORY_BACKING: Shape = {
  children: {
    hugepages: {
      oneOf: [{}, { children: { page: { attributes: { size: /^(?:2048|1048576)$/u, unit: /^KiB$/u } } } }],
    },
    source: { oneOf: [{ attributes: { type: /^memfd$/u } }] },
    access: { oneOf: [{ attributes: { mode: /^shared$/u } }] },
  },
};

/** Undefined where there are none, or of a size that a VM file has no word for. */
export function readHugepages(domain: XmlElement): HugepageSize | undefined {
  const pages = domain.first('memoryBacking', 'hugepages');
  if (pages === undefined) return undefined;
  const page = pages.first('page');
  return page === undefined ? 'default' : pageSizeOf(Number(page.attribute('size')));
}
