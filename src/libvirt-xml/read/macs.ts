import type { XmlElement } from './parse.ts';

/** MAC addresses of a domain's interfaces, in order. */
export function readMacs(domain: XmlElement): readonly string[] {
  return domain.all('devices', 'interface', 'mac').map((mac) => mac.attribute('address') ?? '');
}

/** Attributes of libvirt's own documents stand in single quotes, `address` first. */
const MAC = /<mac\s+address=["'](?<mac>[^"']*)["']/gu;

/**
 * The MAC addresses of a domain's interfaces, lower case: the same as readDomain tells, a hundred times as
 * fast, for a list of a thousand. @param domainDocument as libvirt writes it: behind foreign metadata nothing
 * else has such an element
 */
export function macsIn(domainDocument: string): readonly string[] {
  const rest = domainDocument.slice(Math.max(0, domainDocument.lastIndexOf('</metadata>')));
  return Array.from(rest.matchAll(MAC), ({ groups }) => (groups?.['mac'] ?? '').toLowerCase());
}
