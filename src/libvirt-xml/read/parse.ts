import { SaxesParser } from 'saxes';

/** That of libxml2: what libvirt could read, plow can, long backing chains and foreign metadata included. */
const MOST_NESTED = 256;

/** Characters that XML does not allow: each costs an error of the parser. */
const MOST_ODD = 10_000;

/** An element of a document that libvirt wrote, to read facts from. */
export class XmlElement {
  readonly #tag: string;
  readonly #attributes: Readonly<Record<string, string>>;
  readonly #children: XmlElement[] = [];
  #text = '';

  constructor(tag: string, attributes: Readonly<Record<string, string>>) {
    this.#tag = tag;
    this.#attributes = attributes;
  }

  /** Without its prefix. */
  get name(): string {
    return this.#tag.slice(this.#tag.indexOf(':') + 1);
  }

  attribute(name: string): string | undefined {
    return this.#attributes[name];
  }

  attributeNames(): readonly string[] {
    return Object.keys(this.#attributes);
  }

  attributeValues(): readonly string[] {
    return Object.values(this.#attributes);
  }

  /** The text directly inside. */
  text(): string {
    return this.#text;
  }

  /** Child elements of this name, or all. */
  children(name?: string): readonly XmlElement[] {
    return name === undefined ? this.#children : this.#children.filter((element) => element.name === name);
  }

  /** Every element at a path below this one: `all('devices', 'disk')`. */
  all(...path: readonly string[]): readonly XmlElement[] {
    let found: readonly XmlElement[] = [this];
    for (const name of path) found = found.flatMap((element) => element.children(name));
    return found;
  }

  /** The first element at a path below this one. */
  first(...path: readonly string[]): XmlElement | undefined {
    return this.all(...path)[0];
  }

  /** While it is read. */
  append(child: XmlElement | string): void {
    if (typeof child === 'string') this.#text += child;
    else this.#children.push(child);
  }
}

/** The root element of a document; undefined where it cannot be read. */
export function parseIfPossible(text: string): XmlElement | undefined {
  try {
    return parseXml(text);
  } catch {
    return undefined;
  }
}

/**
 * The root element of an XML document. Whoever needs several facts of it parses it once and hands it on.
 * @throws Error where there is none, and where the document breaks off
 */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const document = new XmlElement('', {});
  const open = [document];
  const append = (child: XmlElement | string): void => open.at(-1)?.append(child);
  parser.on('opentag', ({ name, attributes }) => {
    const element = new XmlElement(name, attributes);
    append(element);
    if (open.push(element) > MOST_NESTED) throw new Error(`more than ${MOST_NESTED} elements in each other`);
  });
  parser.on('text', append);
  parser.on('cdata', append);
  parser.on('closetag', () => open.pop());
  // A character that XML does not allow is for whoever prints it; the rest of the document stays of use.
  let odd = 0;
  parser.on('error', (error) => {
    if (!error.message.endsWith('disallowed character.') || (odd += 1) > MOST_ODD) throw error;
  });
  parser.write(text).close();
  const [root] = document.children();
  if (root === undefined) throw new Error('not an XML document');
  return root;
}
