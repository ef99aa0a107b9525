import type { XmlElement } from './parse.ts';

/** Whether libvirt chooses the firmware's files. https://libvirt.org/formatdomain.html#bios-bootloader */
export function hasAutomaticFirmware(domain: XmlElement): boolean {
  return domain.first('os')?.attribute('firmware') === 'efi';
}

/** Where a domain's UEFI variables are; undefined without UEFI, and where they are no file. */
export function readNvramPath(domain: XmlElement): string | undefined {
  const nvram = domain.first('os', 'nvram');
  const path = nvram?.first('source')?.attribute('file') ?? nvram?.text().trim();
  return path === '' ? undefined : path;
}
