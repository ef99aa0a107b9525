import { SaxesParser } from 'saxes';

/** Where an element stands in the text of a document. */
export interface Span {
  readonly start: number;
  /** Behind its end. */
  readonly end: number;
  readonly text: string;
}

/**
 * The elements at a path from the root, as they are written: for who changes some of a document and leaves
 * every other character as it is. @throws Error where the document cannot be read
 */
export function spansOf(document: string, ...path: readonly string[]): readonly Span[] {
  const spans: Span[] = [];
  const open: string[] = [];
  const starts: number[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => {
    open.push(name);
    // No tag has a `<` inside: in a value it is written `&lt;`.
    starts.push(document.lastIndexOf('<', parser.position - 1));
  });
  parser.on('closetag', () => {
    const [start = 0, end] = [starts.pop(), parser.position];
    if (open.length === path.length && open.every((name, index) => name === path[index]))
      spans.push({ start, end, text: document.slice(start, end) });
    open.pop();
  });
  parser.write(document).close();
  return spans;
}

/** The document with other texts in the place of elements. */
export function replaced(document: string, changes: readonly { at: Span; by: string }[]): string {
  const backwards = changes.toSorted((one, other) => other.at.start - one.at.start);
  return backwards.reduce((text, { at, by }) => text.slice(0, at.start) + by + text.slice(at.end), document);
}
