import { ARCHITECTURES } from '../../../config/architectures.ts';
import { probeXml } from '../../../libvirt-xml/domain/layout/probe.ts';
import { readHugepages } from '../../../libvirt-xml/domain/layout/memory-backing.ts';
import { readCapabilities } from '../../../libvirt-xml/read/capabilities.ts';
import { parseIfPossible } from '../../../libvirt-xml/read/parse.ts';
import { memoryText } from '../../../text/quantities.ts';
import type { DomainDocument } from '../../../hypervisor/domain-facts.ts';
import { restart } from '../restart.ts';
import type { Examination, Finding } from '../finding.ts';
import { ok, unknown, warning } from '../finding.ts';

/**
 * NUMA nodes, and huge pages: how many are free, and whether libvirt can use them, which looks for a mounted
 * hugetlbfs when it starts. Who has no VM with huge pages is told, and nothing is wrong.
 */
export async function checkHugepages({ context, host, documents }: Examination): Promise<Finding> {
  const { hypervisor } = context;
  const { arch, virtTypes, topology } = readCapabilities(await host.capabilities());
  const { nodes, hugepageKib } = topology;
  const [virtType] = virtTypes;
  if (virtType === undefined) return unknown('there is no QEMU');
  if (nodes.length === 0) return unknown('libvirt does not tell which NUMA nodes and huge pages there are');
  const places = nodes.length === 1 ? '1 NUMA node' : `${nodes.length} NUMA nodes`;
  if (hugepageKib.length === 0) return ok(`${places}; the kernel has no huge pages`);
  const last = Math.max(...nodes.map(({ id }) => id));
  const free = await hypervisor.freePages(hugepageKib, last + 1);
  const counts = hugepageKib.map((_, index) => free.reduce((sum, node) => sum + (node[index] ?? 0), 0));
  const has = `${places}; free huge pages: ${hugepageKib.map((kib, index) => `${counts[index]} of ${memoryText(kib)}`).join(', ')}`;
  const users = (await documents()).filter(usesHugepages);
  if (users.length === 0 && counts.every((count) => count === 0)) return ok(has);
  const { machineType } = ARCHITECTURES[arch];
  const flaw = await hypervisor.flawOf(probeXml({ arch, virtType, machineType, hugepages: 'default' }));
  if (flaw === undefined) return ok(has);
  const [first] = users;
  if (first === undefined) return ok(`${has}; libvirt cannot use them, and no VM has need of them`);
  const more = users.length === 1 ? '' : ` and ${users.length - 1} more`;
  return warning('hugepages-unusable', {
    text: `libvirt cannot use huge pages (${flaw}): VM '${first.name}'${more} cannot start`,
    repair: `mount -t hugetlbfs hugetlbfs /dev/hugepages && ${await restart(hypervisor)}`,
  });
}

function usesHugepages({ stored }: DomainDocument): boolean {
  const domain = parseIfPossible(stored);
  return domain?.first('memoryBacking', 'hugepages') !== undefined && readHugepages(domain) !== undefined;
}
