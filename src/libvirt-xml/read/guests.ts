import type { VirtType } from '../../config/machine.ts';
import { hvmGuests, machineElements, virtTypesOf } from './capabilities.ts';
import { parseXml } from './parse.ts';

/** A processor that guests can have. */
export interface Guest {
  /** `x86_64` */
  readonly arch: string;
  readonly virtTypes: readonly VirtType[];
  /** Each once, by its full name. */
  readonly machines: readonly string[];
  /** Elements below its features: `acpi`, `externalSnapshot`. */
  readonly features: readonly string[];
}

/** Guests with hardware of their own, from the capabilities document. https://libvirt.org/formatcaps.html */
export function readGuests(capabilitiesDocument: string): readonly Guest[] {
  return hvmGuests(parseXml(capabilitiesDocument)).flatMap((guest) => {
    const features = (guest.first('features')?.children() ?? []).map(({ name }) => name);
    return guest.children('arch').map((arch) => ({
      arch: arch.attribute('name') ?? '',
      virtTypes: virtTypesOf(arch),
      machines: [...new Set(machineElements(arch).map((one) => one.attribute('canonical') ?? one.text()))],
      features,
    }));
  });
}

/** What any of them has. */
export function guestFeaturesOf(guests: readonly Guest[]): ReadonlySet<string> {
  return new Set(guests.flatMap(({ features }) => features));
}

/** The processor of the host itself. */
export function readHostArch(capabilitiesDocument: string): string | undefined {
  return parseXml(capabilitiesDocument).first('host', 'cpu', 'arch')?.text();
}
