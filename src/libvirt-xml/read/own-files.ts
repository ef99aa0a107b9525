import type { XmlElement } from './parse.ts';
import { IGNITION_NAMES } from '../../config/values/extras.ts';

/** What is no VM's own, as others may have it as well: media in drives, files that firmware gives a guest. */
export type Shared = 'nothing' | 'media' | 'firmware files';

/** What a domain's document names as the domain's own: disks, mirrors, NVRAM, seeds, files of devices. */
export interface DomainFiles {
  readonly paths: readonly string[];
  readonly volumes: readonly { readonly pool: string; readonly volume: string }[];
}

/**
 * Takes too much rather than too little; what is below a disk in its backing chain others may stand on as
 * well.
 */
export function readDomainFiles(domain: XmlElement, shared: Shared): DomainFiles {
  const left = new Set(sharedIn(domain, shared).flatMap(allButBacking));
  const elements = domain
    .children()
    .flatMap((part) => (part.name === 'metadata' ? [] : allButBacking(part)))
    .filter((element) => !left.has(element));
  const texts = elements.flatMap((element) => [element.text().trim(), ...element.attributeValues()]);
  return {
    paths: [...texts, ...optionsOf(domain)].filter((text) => text.startsWith('/')),
    volumes: elements.flatMap((element) => {
      const [pool, volume] = [element.attribute('pool'), element.attribute('volume')];
      return pool === undefined || volume === undefined ? [] : [{ pool, volume }];
    }),
  };
}

/** Words of what QEMU is told besides, as in `name=opt/a,file=/b`. */
function optionsOf(domain: XmlElement): readonly string[] {
  return domain.all('commandline', 'arg').flatMap((arg) => (arg.attribute('value') ?? '').split(/[,=]/u));
}

function sharedIn(domain: XmlElement, shared: Shared): readonly XmlElement[] {
  if (shared === 'nothing') return [];
  if (shared === 'media') return domain.all('devices', 'disk').filter(isDrive);
  const entries = domain.children('sysinfo').flatMap((one) => one.children('entry'));
  // What sets up a guest of Ignition may hold its secrets.
  return entries.filter((entry) => !IGNITION_NAMES.has(entry.attribute('name') ?? ''));
}

function allButBacking(element: XmlElement): readonly XmlElement[] {
  if (element.name === 'backingStore') return [];
  return [element, ...element.children().flatMap(allButBacking)];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * Whether a document may name a file of its own so, without parsing it: there may be hundreds that stand on
 * one image.
 */
export function mayName(domainDocument: string, fileName: string): boolean {
  const escaped = fileName.replaceAll(/[&<>"']/gu, (character) => ENTITIES[character] ?? character);
  return domainDocument
    .split('</disk>')
    .map(withoutBacking)
    .some((part) => part.includes(escaped));
}

/** A mirror has a chain of its own, and stays whole. */
function withoutBacking(disk: string): string {
  return disk.includes('<mirror') ? disk : disk.replace(/<backingStore\b[^]*<\/backingStore>/u, '');
}

/** What is in it is for others as well: nobody writes to it. */
function isDrive(element: XmlElement): boolean {
  return element.attribute('device') === 'cdrom';
}
