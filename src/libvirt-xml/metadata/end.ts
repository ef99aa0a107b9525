import { ownElement, ownElementIn } from '../read/own-element.ts';
import type { XmlElement } from '../read/parse.ts';

/**
 * A third element of plow's in a domain's <metadata>: when the VM ends. Apart from what a VM was made with,
 * so that whoever writes that anew, be it an older plow, does not take it away.
 */
export const END_NAMESPACE = { prefix: 'plow-end', uri: 'urn:plow:end:1' } as const;
const END = { name: 'end', namespace: END_NAMESPACE } as const;

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

/** Of a domain's document. */
export function endOf(domain: XmlElement): End {
  return endAt(ownElement(domain, END));
}

/** As endOf, of the text of a domain's document, without parsing the rest: for a list of a thousand. */
export function endIn(text: string, uuid: string): End {
  return endAt(ownElementIn(text, uuid, END));
}

function endAt(element: XmlElement | undefined): End {
  return element === undefined ? NO_END : readEnd(element);
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
