import { XMLParser } from 'fast-xml-parser';

/** Children in order, text as `#text`, attributes under `:@`: the shape of fast-xml-parser's `preserveOrder`. */
type Node = Readonly<Record<string, unknown>>;

const TEXT = '#text';
const ATTRIBUTES = ':@';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Numeric references as well, which libvirt writes for control characters.
  htmlEntities: true,
  // That of libxml2: what libvirt could read, plow can, long backing chains and foreign metadata included.
  maxNestedTags: 256,
});

/** An element of a document that libvirt wrote, to read facts from. */
export class XmlElement {
  readonly #tag: string;
  readonly #node: Node;

  constructor(tag: string, node: Node) {
    this.#tag = tag;
    this.#node = node;
  }

  /** Without its prefix. */
  get name(): string {
    return this.#tag.slice(this.#tag.indexOf(':') + 1);
  }

  attribute(name: string): string | undefined {
    const attributes = this.#node[ATTRIBUTES] as Readonly<Record<string, string>> | undefined;
    return attributes?.[name];
  }

  attributeNames(): readonly string[] {
    return Object.keys(this.#node[ATTRIBUTES] ?? {});
  }

  attributeValues(): readonly string[] {
    return Object.values((this.#node[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>);
  }

  /** The text directly inside. */
  text(): string {
    return this.#content()
      .map((node) => (TEXT in node ? String(node[TEXT]) : ''))
      .join('');
  }

  /** Child elements of this name, or all. */
  children(name?: string): readonly XmlElement[] {
    const elements = elementsOf(this.#content());
    return name === undefined ? elements : elements.filter((element) => element.name === name);
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

  #content(): readonly Node[] {
    return this.#node[this.#tag] as readonly Node[];
  }
}

function elementsOf(nodes: readonly Node[]): readonly XmlElement[] {
  return nodes.flatMap((node) => {
    const tag = Object.keys(node).find((key) => key !== ATTRIBUTES);
    return tag === undefined || tag === TEXT ? [] : [new XmlElement(tag, node)];
  });
}

/** The root element of an XML document. @throws Error where there is none */
export function parseXml(text: string): XmlElement {
  const root = elementsOf(parser.parse(text) as readonly Node[])[0];
  if (root === undefined) throw new Error('not an XML document');
  return root;
}
