import { create } from 'xmlbuilder2';
import type { GuestKind } from '../../../config/settle.ts';
import type { HugepageSize } from '../../../config/values/layout/hugepages.ts';
import { addHugepages } from './memory-backing.ts';

/** A document of a VM that is never defined, to ask libvirt whether it can use huge pages. */
export function probeXml(
  kind: GuestKind & { readonly machineType: string; readonly hugepages: HugepageSize },
): string {
  const { arch, virtType, machineType, hugepages } = kind;
  const domain = create().ele('domain', { type: virtType });
  domain.ele('name').txt('plow-probe');
  domain.ele('memory', { unit: 'GiB' }).txt('1');
  addHugepages(domain.ele('memoryBacking'), hugepages);
  domain.ele('vcpu').txt('1');
  domain.ele('os').ele('type', { arch, machine: machineType }).txt('hvm');
  return domain.end({ headless: true });
}
