import { create } from 'xmlbuilder2';
import { addCopy } from '../read/copy.ts';
import { parseXml, XmlElement } from '../read/parse.ts';
import { replaced, spansOf } from '../snapshot/spans.ts';
import type { Span } from '../snapshot/spans.ts';

/** Of two documents of a domain, as it is stored and as it is to be: the first with some of the second. */
export type Graft = (stored: string, wanted: string) => string;

type Meant = (element: XmlElement) => boolean;

const ANY: Meant = () => true;

/** The elements at a path go, and those of the wanted document come in their place. */
export function swap(path: readonly string[], isMeant: Meant = ANY): Graft {
  return (stored, wanted) => {
    const gone = meant(stored, path, isMeant).map((at) => ({ at, by: '' }));
    const coming = meant(wanted, path, isMeant).map(({ text }) => text);
    const bare = replaced(stored, gone);
    return coming.length === 0 ? bare : withAdded(bare, path.slice(0, -1), coming.join(''));
  };
}

/** As swap, of one that may be there once: what both have is made of the two. */
export function blend(
  path: readonly string[],
  made: (stored: XmlElement, wanted: XmlElement) => XmlElement,
  isMeant: Meant = ANY,
): Graft {
  return (stored, wanted) => {
    const [mine] = meant(stored, path, isMeant);
    const [theirs] = meant(wanted, path, isMeant);
    if (mine === undefined || theirs === undefined) return swap(path, isMeant)(stored, wanted);
    return replaced(stored, [{ at: mine, by: xmlOf(made(parseXml(mine.text), parseXml(theirs.text))) }]);
  };
}

/** As blend, of each that both have; others stay. */
export function blendEach(
  path: readonly string[],
  keyOf: (element: XmlElement) => string | undefined,
  made: (stored: XmlElement, wanted: XmlElement) => XmlElement,
): Graft {
  return (stored, wanted) => {
    const theirs = spansOf(wanted, ...path).map(({ text }) => parseXml(text));
    const changes = spansOf(stored, ...path).flatMap((at) => {
      const mine = parseXml(at.text);
      const other = theirs.find((one) => keyOf(one) === keyOf(mine));
      return other === undefined ? [] : [{ at, by: xmlOf(made(mine, other)) }];
    });
    return replaced(stored, changes);
  };
}

/** The elements of the wanted document come, unless there is one already. */
export function addIfNone(path: readonly string[], isMeant: Meant): Graft {
  return (stored, wanted) =>
    meant(stored, path, isMeant).length > 0 ? stored : swap(path, isMeant)(stored, wanted);
}

/** With other attributes, or other children of some names. @param attributes undefined: its own */
export function altered(
  element: XmlElement,
  attributes: Readonly<Record<string, string>> | undefined,
  without: readonly string[] = [],
  coming: readonly XmlElement[] = [],
): XmlElement {
  const made = new XmlElement(element.name, attributes ?? attributesIn(element));
  made.append(element.text().trim());
  for (const child of element.children()) if (!without.includes(child.name)) made.append(child);
  for (const child of coming) made.append(child);
  return made;
}

/** With the children of some names that another one has. */
export function withChildrenOf(element: XmlElement, other: XmlElement, names: readonly string[]): XmlElement {
  const coming = other.children().filter(({ name }) => names.includes(name));
  return altered(element, undefined, names, coming);
}

export function attributesIn(element: XmlElement, ...without: readonly string[]): Record<string, string> {
  const names = element.attributeNames().filter((name) => !without.includes(name));
  return Object.fromEntries(names.map((name) => [name, element.attribute(name) ?? '']));
}

function xmlOf(element: XmlElement): string {
  const root = create().ele('root');
  addCopy(root, element);
  return root.first().toString();
}

function meant(document: string, path: readonly string[], isMeant: Meant): readonly Span[] {
  const spans = spansOf(document, ...path);
  return isMeant === ANY ? spans : spans.filter(({ text }) => isMeant(parseXml(text)));
}

/** Elements added to the one at a path, which is made where there is none. */
function withAdded(document: string, parent: readonly string[], texts: string): string {
  const name = parent.at(-1) ?? '';
  const [at] = spansOf(document, ...parent);
  if (at === undefined) return withAdded(document, parent.slice(0, -1), `<${name}>${texts}</${name}>`);
  const close = `</${name}>`;
  const open = at.text.endsWith(close) ? at.text.slice(0, -close.length) : at.text.replace(/\s*\/>$/u, '>');
  return replaced(document, [{ at, by: `${open}${texts}${close}` }]);
}
