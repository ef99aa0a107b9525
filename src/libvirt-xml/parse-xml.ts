import { builder, create } from 'xmlbuilder2';

type DomNode = ReturnType<ReturnType<typeof create>['root']>['node'];
type DomElement = DomNode & {
  readonly localName: string;
  getAttribute(name: string): string | null;
};

const ELEMENT_NODE = 1;

/** An element of a document that libvirt wrote, to read facts from. */
export class XmlElement {
  readonly #element: DomElement;

  constructor(element: DomElement) {
    this.#element = element;
  }

  get name(): string {
    return this.#element.localName;
  }

  attribute(name: string): string | undefined {
    return this.#element.getAttribute(name) ?? undefined;
  }

  text(): string {
    return this.#element.textContent ?? '';
  }

  /** The element with all it holds, as XML. */
  toXml(): string {
    return builder(this.#element).toString();
  }

  /** Child elements of this name, or all. */
  children(name?: string): readonly XmlElement[] {
    return [...this.#element.childNodes]
      .filter((node): node is DomElement => node.nodeType === ELEMENT_NODE)
      .filter((element) => name === undefined || element.localName === name)
      .map((element) => new XmlElement(element));
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
}

/** The root element of an XML document. */
export function parseXml(text: string): XmlElement {
  return new XmlElement(create(text).root().node as DomElement);
}
