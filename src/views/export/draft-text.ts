import { Document, isCollection, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Pair, YAMLMap } from 'yaml';
import type { TidyDraft } from '../../config/draft/draft.ts';
import { yamlDocumentText } from '../../documents/serialize.ts';
import { printable } from '../../text/printable.ts';

/** Lists of words that a person writes in one line. */
const IN_ONE_LINE: ReadonlySet<unknown> = new Set(['tags', 'dns_servers', 'groups', 'packages']);

/** Lines of blanks only, which the package loses at the end of a block. */
const FRAGILE = /^[ \t]+$/mu;

const REST = 'Not in this file, as plow has no words for it:';
const GAINS = 'plow gives every VM what this one has not: ';

/**
 * A VM file as a person would write it, with words about it in comments. Without a line end behind it.
 * @param headings first lines, as comments
 */
export function draftText({ values, remarks, rest, gains }: TidyDraft, headings: readonly string[]): string {
  const document = new Document(values, { version: '1.2', aliasDuplicateObjects: false });
  const { contents } = document;
  if (!isMap(contents)) throw new Error('a file of no keys');
  lay(contents);
  part(contents);
  for (const { path, text } of remarks) remark(document, path, text);
  document.commentBefore = commentOf(headings);
  const ending = [
    ...(gains.length > 0 ? [`${GAINS}${gains.join(', ')}`] : []),
    ...(rest.length > 0 ? [REST, ...rest.map((text) => `- ${text}`)] : []),
  ];
  if (ending.length > 0) document.comment = commentOf(ending);
  return yamlDocumentText(document);
}

function commentOf(lines: readonly string[]): string {
  return lines.map((line) => ` ${printable(line)}`).join('\n');
}

/** Short lists in one line, words in a command too; texts that blocks would change in quotes. */
export function lay(node: unknown): void {
  if (isScalar(node) && typeof node.value === 'string' && FRAGILE.test(node.value))
    node.type = 'QUOTE_DOUBLE';
  if (isSeq(node)) {
    for (const item of node.items) {
      if (isSeq(item)) item.flow = true;
      lay(item);
    }
  }
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    if (isSeq(value) && isScalar(key) && (IN_ONE_LINE.has(key.value) || value.items.length === 0))
      value.flow = true;
    if (isMap(value) && value.items.length === 0) value.flow = true;
    lay(value);
  }
}

/** An empty line around everything that takes several. */
export function part(map: YAMLMap): void {
  let wasLong = false;
  for (const [index, { key, value }] of map.items.entries()) {
    const isLong = isCollection(value) && value.flow !== true;
    if (index > 0 && (isLong || wasLong) && isScalar(key)) key.spaceBefore = true;
    wasLong = isLong;
  }
}

/** Before what it is about, else at the end of what that would be in. */
function remark(document: Document, path: readonly (string | number)[], text: string): void {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1)) : document.contents;
  const last = path.at(-1);
  if (isSeq(parent) && typeof last === 'number') return addBefore(parent.items[last], text);
  if (!isMap(parent)) return remark(document, path.slice(0, -1), text);
  const index = parent.items.findIndex(({ key }) => isScalar(key) && key.value === last);
  const owner = path.at(-2);
  const list = typeof owner === 'number' ? document.getIn(path.slice(0, -2)) : undefined;
  // A comment before the first key of an item stands before the item.
  if (index === 0 && isSeq(list)) addBefore(list.items[Number(owner)], text);
  else if (index >= 0) addBefore(keyOf(parent.items[index]), text);
  else parent.comment = joined(parent.comment, text);
}

function keyOf(pair: Pair | undefined): unknown {
  return pair?.key;
}

function addBefore(node: unknown, text: string): void {
  if (isNode(node)) node.commentBefore = joined(node.commentBefore, text);
}

function joined(comment: string | null | undefined, text: string): string {
  return [...(comment ? [comment] : []), commentOf([text])].join('\n');
}
