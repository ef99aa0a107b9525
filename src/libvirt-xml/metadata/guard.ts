import type { XmlElement } from '../read/parse.ts';

/**
 * A second element of plow's in a domain's <metadata>, which any VM may have, made by plow or not: apart from
 * what a VM was made with, so that whoever writes that anew does not take it away.
 */
export const GUARD_NAMESPACE = { prefix: 'plow-guard', uri: 'urn:plow:guard:1' } as const;

/** Whether a VM is protected. A clone carries a copy of the element, which is not about it. */
export function isProtected(domain: XmlElement): boolean {
  const uuid = domain.first('uuid')?.text().trim();
  return domain
    .all('metadata', 'guard')
    .some(
      (element) =>
        element.attribute(`xmlns:${GUARD_NAMESPACE.prefix}`) === GUARD_NAMESPACE.uri &&
        element.attribute('uuid') === uuid &&
        element.attribute('protected') === 'yes',
    );
}
