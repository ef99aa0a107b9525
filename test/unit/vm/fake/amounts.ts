import type { Amount } from '../../../../src/hypervisor/domain.ts';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import type { FakeHypervisor } from '../fake-hypervisor.ts';
import type { FakeDomain } from './pieces.ts';

/** Changes the document that an amount is in. */
export function changeAmount(
  host: FakeHypervisor,
  name: string,
  stored: FakeDomain,
  what: Amount,
  change: (xml: string) => string,
): void {
  if (what === 'live') host.live.set(name, change(host.live.get(name) ?? stored.xml));
  else {
    if (stored.state !== 'shut off' && !host.live.has(name)) host.live.set(name, stored.xml);
    stored.xml = change(stored.xml);
  }
}

/** A document in which that many CPUs are what `what` says. */
export const vcpusTo =
  (count: number, what: Amount) =>
  (xml: string): string => {
    const { current, most } =
      /<vcpu[^>]*?(?:current="(?<current>\d+)")?>(?<most>\d+)</u.exec(xml)?.groups ?? {};
    const maximum = what === 'stored maximum' ? count : Number(most);
    const now = what === 'stored maximum' ? Math.min(Number(current ?? most), count) : count;
    return xml.replace(/<vcpu.*<\/vcpu>/u, `<vcpu placement="static" current="${now}">${maximum}</vcpu>`);
  };

/** As vcpusTo. */
export const memoryTo =
  (kib: number, what: Amount) =>
  (xml: string): string => {
    const { memoryKib, currentMemoryKib } = readDomain(parseXml(xml));
    const maximum = what === 'stored maximum' ? kib : memoryKib;
    const now = what === 'stored maximum' ? Math.min(currentMemoryKib, kib) : kib;
    return xml
      .replace(/<currentMemory.*<\/currentMemory>/u, '')
      .replace(
        /<memory .*<\/memory>/u,
        `<memory unit="KiB">${maximum}</memory><currentMemory unit="KiB">${now}</currentMemory>`,
      );
  };
