import { XMLParser } from 'fast-xml-parser';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
});

type Node = Readonly<Record<string, unknown>>;

/** An element without its values. */
export type Shape = readonly [tag: string, attributes: readonly string[], children: readonly Shape[]];

/** What is in a document besides values: whoever injects something changes this. */
export function shapesOf(document: string): readonly Shape[] {
  return shapes(parser.parse(document) as readonly Node[]);
}

function shapes(nodes: readonly Node[]): readonly Shape[] {
  return elements(nodes).map(([tag, node]) => [
    tag,
    Object.keys(attributesOf(node)).toSorted(),
    shapes(node[tag] as readonly Node[]),
  ]);
}

/** Values of attributes, then the text of elements that hold nothing else, in the order of the document. */
export function valuesOf(document: string): readonly string[] {
  return values(parser.parse(document) as readonly Node[]);
}

function values(nodes: readonly Node[]): readonly string[] {
  return elements(nodes).flatMap(([tag, node]) => {
    const content = node[tag] as readonly Node[];
    const attributes = Object.entries(attributesOf(node)).filter(([name]) => !name.startsWith('xmlns'));
    const inside = elements(content).length === 0 ? [textOf(content)] : values(content);
    return [...attributes.map(([, value]) => value), ...inside];
  });
}

function elements(nodes: readonly Node[]): readonly (readonly [string, Node])[] {
  return nodes.flatMap((node) => {
    const tag = Object.keys(node).find((key) => key !== ':@' && key !== '#text');
    return tag === undefined ? [] : [[tag, node] as const];
  });
}

function attributesOf(node: Node): Readonly<Record<string, string>> {
  return (node[':@'] ?? {}) as Readonly<Record<string, string>>;
}

function textOf(content: readonly Node[]): string {
  return content.map((node) => (node['#text'] ?? '') as string).join('');
}
