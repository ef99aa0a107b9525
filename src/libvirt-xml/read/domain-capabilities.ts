import { parseXml } from './parse.ts';

/** What QEMU can do for a machine of one kind. https://libvirt.org/formatdomaincaps.html */
export interface DomainCapabilities {
  /** `efi`, `bios`: what libvirt finds by itself. */
  readonly firmware: readonly string[];
  /** Whether each mode that this libvirt knows can be had; empty where it says nothing of any. */
  readonly cpuModes: ReadonlyMap<string, boolean>;
}

export function readDomainCapabilities(document: string): DomainCapabilities {
  const root = parseXml(document);
  const firmware = root.all('os', 'enum').filter((one) => one.attribute('name') === 'firmware');
  return {
    firmware: firmware.flatMap((one) => one.children('value').map((value) => value.text())),
    cpuModes: new Map(
      root
        .all('cpu', 'mode')
        .map((mode) => [mode.attribute('name') ?? '', mode.attribute('supported') === 'yes'] as const),
    ),
  };
}
