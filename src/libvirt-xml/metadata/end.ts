import { parseIfPossible, parseXml } from '../read/parse.ts';
import type { XmlElement } from '../read/parse.ts';

/**
 * A third element of plow's in a domain's <metadata>: when the VM ends. Apart from what a VM was made with,
 * so that whoever writes that anew, be it an older plow, does not take it away.
 */
export const END_NAMESPACE = { prefix: 'plow-end', uri: 'urn:plow:end:1' } as const;

/** When a VM ends, as somebody wrote it: plow, or anyone who may change domains. */
export interface End {
  /** End of its lease, as plow writes times (ISO 8601, UTC). Undefined: it has none that can be read. */
  readonly expires: string | undefined;
  /** Of one that was destroyed, and can be brought back. */
  readonly undo: Undo | undefined;
}

/** What a VM was when it was destroyed. */
export interface Undo {
  /** When plow gc may end it for good. Undefined: nobody can tell, and nothing ends it by itself. */
  readonly until: string | undefined;
  readonly ran: boolean;
  readonly autostart: boolean;
}

export const NO_END: End = { expires: undefined, undo: undefined };

/** Of a domain's document. A clone carries a copy of the element, which is not about it. */
export function endOf(domain: XmlElement): End {
  const uuid = domain.first('uuid')?.text().trim();
  const found = domain.all('metadata', 'end').find((element) => isAbout(element, uuid));
  return found === undefined ? NO_END : readEnd(found);
}

const START = /<plow-end:end\s[^<>]*>/gu;

/** As endOf, of the text of a domain's document, without parsing the rest: for a list of a thousand. */
export function endIn(text: string, uuid: string): End {
  const first = text.indexOf(END_NAMESPACE.uri);
  if (first === -1) return NO_END;
  // Somebody else's metadata may hold a copy: which is the domain's own, its place tells.
  if (text.includes(END_NAMESPACE.uri, first + 1)) {
    const domain = parseIfPossible(text);
    return domain === undefined ? NO_END : endOf(domain);
  }
  for (const [start] of text.matchAll(START)) {
    const element = tryToParse(start.endsWith('/>') ? start : `${start.slice(0, -1)}/>`);
    if (element !== undefined && isAbout(element, uuid)) return readEnd(element);
  }
  return NO_END;
}

function tryToParse(xml: string): XmlElement | undefined {
  try {
    return parseXml(xml);
  } catch {
    return undefined;
  }
}

function isAbout(element: XmlElement, uuid: string | undefined): boolean {
  const { prefix, uri } = END_NAMESPACE;
  return element.attribute(`xmlns:${prefix}`) === uri && element.attribute('uuid') === uuid;
}

function readEnd(element: XmlElement): End {
  return { expires: readTime(element.attribute('expires')), undo: readUndo(element) };
}

function readUndo(element: XmlElement): Undo | undefined {
  const until = element.attribute('undo-until');
  if (until === undefined) return undefined;
  const isYes = (name: string): boolean => element.attribute(name) === 'yes';
  return { until: readTime(until), ran: isYes('ran'), autostart: isYes('autostart') };
}

/** As Date.toISOString writes it, of the years that have four digits. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/u;

/** Anyone may have written it: what is no time is none, and ends no VM. */
function readTime(text: string | undefined): string | undefined {
  if (text === undefined || !TIME.test(text)) return undefined;
  const time = Date.parse(text);
  // Such as the 30th of February.
  return !Number.isNaN(time) && new Date(time).toISOString() === text ? text : undefined;
}
