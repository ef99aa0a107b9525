import type { create } from 'xmlbuilder2';
import { literal } from '../literal.ts';
import type { XmlElement } from './parse.ts';

type Element = ReturnType<ReturnType<typeof create>['ele']>;

/** Adds an element of a document to one that is being written, with all that is in it. */
export function addCopy(parent: Element, element: XmlElement): void {
  const copy = parent.ele(element.name, attributesOf(element));
  for (const child of element.children()) addCopy(copy, child);
  const text = element.text();
  if (text.trim() !== '') copy.txt(literal(text));
}

/** As they are to be written again. */
export function attributesOf(element: XmlElement, ...without: readonly string[]): Record<string, string> {
  const names = element.attributeNames().filter((name) => !without.includes(name));
  return Object.fromEntries(names.map((name) => [name, literal(element.attribute(name) ?? '')]));
}
