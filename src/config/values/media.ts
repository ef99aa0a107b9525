import { didYouMean } from '../../text/nearest.ts';
import { quote } from '../../text/quote.ts';
import { imageMistake, imagePathMistake } from './names.ts';

/** What the firmware may be told to try; `network` is the first interface, `network:1` the second. */
export type BootDevice = 'disk' | 'cdrom' | 'network' | `network:${number}`;

export const CDROM_BUSES = ['sata', 'scsi'] as const;
export type CdromBus = (typeof CDROM_BUSES)[number];

/** The device of the drive: behind the seed, whatever the bus of that is. */
export const CDROM_TARGET = 'sdb';

/** The index of the interface that a word of a boot list means; undefined for what is none. */
export function bootInterface(word: string): number | undefined {
  const found = /^network(?::(?<index>\d{1,3}))?$/u.exec(word);
  return found === null ? undefined : Number(found.groups?.['index'] ?? 0);
}

/** How an interface is called in a boot list. */
export function bootWord(index: number): BootDevice {
  return index === 0 ? 'network' : `network:${index}`;
}

/** Why a text is nothing that firmware can try, or undefined if it is. */
export function bootDeviceMistake(text: string): string | undefined {
  if (text === 'disk' || text === 'cdrom' || bootInterface(text) !== undefined) return undefined;
  const meant = didYouMean(text, ['disk', 'cdrom', 'network']) || meantByOthers(text);
  return `must be disk, cdrom, network or network:1 (the second interface), got ${quote(text)}${meant}`;
}

/** What libvirt and QEMU call them. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['hd', 'disk'],
  ['hdd', 'disk'],
  ['vda', 'disk'],
  ['boot_disk', 'disk'],
  ['iso', 'cdrom'],
  ['cd', 'cdrom'],
  ['dvd', 'cdrom'],
  ['pxe', 'network'],
  ['net', 'network'],
  ['nic', 'network'],
]);

function meantByOthers(text: string): string {
  const meant = OTHERS.get(text.toLowerCase());
  return meant === undefined ? '' : `; did you mean '${meant}'?`;
}

/** Why a text cannot be the path of an install medium, there or here, or a name; or undefined if it can. */
export function mediumMistake(text: string): string | undefined {
  return imageMistake(text, 'debian-13-netinst');
}

/** Why a text cannot be the path of an install medium on the hypervisor, or undefined if it can. */
export function mediumPathMistake(text: string): string | undefined {
  return imagePathMistake(text);
}
