import { create } from 'xmlbuilder2';
import { literal } from '../literal.ts';
import { ownElement } from '../read/own-element.ts';
import type { XmlElement } from '../read/parse.ts';

/**
 * An element of plow's in a domain's <metadata> of its own: which hypervisor a VM was taken from while that
 * was made empty, and goes back to.
 */
export const HOME_NAMESPACE = { prefix: 'plow-home', uri: 'urn:plow:home:1' } as const;

export interface Home {
  /** As the settings called it. */
  readonly host: string;
  /** Undefined: it told none. */
  readonly hostUuid: string | undefined;
}

/** Of a domain's document; undefined for one that is not away from home. */
export function homeOf(domain: XmlElement): Home | undefined {
  const found = ownElement(domain, { name: 'home', namespace: HOME_NAMESPACE });
  const host = found?.attribute('host');
  return host === undefined ? undefined : { host, hostUuid: found?.attribute('host-uuid') };
}

/** The element on its own, for virDomainSetMetadata. @param uuid of the domain */
export function homeElement(uuid: string, { host, hostUuid }: Home): string {
  const own = { uuid, host: literal(host) };
  const whole = hostUuid === undefined ? own : { ...own, 'host-uuid': literal(hostUuid) };
  return create().ele('home', whole).end({ headless: true });
}
