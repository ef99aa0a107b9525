import { parseIfPossible, parseXml } from './parse.ts';
import type { XmlElement } from './parse.ts';

/** An element of plow's in a domain's <metadata>, all of which is said in its attributes or its text. */
export interface OwnElement {
  readonly name: string;
  readonly namespace: { readonly prefix: string; readonly uri: string };
}

/** Of a domain's document. A clone carries a copy of the element, which is not about it. */
export function ownElement(domain: XmlElement, which: OwnElement): XmlElement | undefined {
  const uuid = domain.first('uuid')?.text().trim();
  return domain.all('metadata', which.name).find((element) => isAbout(element, which, uuid));
}

/**
 * As ownElement, of the text of a domain's document, without parsing the rest: for a list of a thousand. Its
 * attributes alone can be read.
 */
export function ownElementIn(text: string, uuid: string, which: OwnElement): XmlElement | undefined {
  const { prefix, uri } = which.namespace;
  const first = text.indexOf(uri);
  if (first === -1) return undefined;
  // Somebody else's metadata may hold a copy: which is the domain's own, its place tells.
  if (text.includes(uri, first + 1)) {
    const domain = parseIfPossible(text);
    return domain && ownElement(domain, which);
  }
  for (const [start] of text.matchAll(new RegExp(`<${prefix}:${which.name}\\s[^<>]*>`, 'gu'))) {
    const element = tryToParse(start.endsWith('/>') ? start : `${start.slice(0, -1)}/>`);
    if (element !== undefined && isAbout(element, which, uuid)) return element;
  }
  return undefined;
}

function tryToParse(xml: string): XmlElement | undefined {
  try {
    return parseXml(xml);
  } catch {
    return undefined;
  }
}

function isAbout(
  element: XmlElement,
  { namespace: { prefix, uri } }: OwnElement,
  uuid: string | undefined,
): boolean {
  return element.attribute(`xmlns:${prefix}`) === uri && element.attribute('uuid') === uuid;
}
