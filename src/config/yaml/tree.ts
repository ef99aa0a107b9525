import { LineCounter } from 'yaml';
import type { ParsedNode } from 'yaml';

import { showFile } from './mistake.ts';
import type { Mistake } from './mistake.ts';
import { findPlace } from './place.ts';
import type { Place, Source, SourceText, Whereabouts } from './place.ts';
import { readNode } from './node-reader.ts';
import { parseDocuments, parseYaml } from './document.ts';

export interface YamlTree extends SourceText {
  /** Where it was made of others: the text itself, with what stands in it. */
  readonly own?: SourceText;
  /** Which of several that are made of one text, from 1. */
  readonly row?: { readonly n: number; readonly of: number };
  /** What keeps a file that is made of others from being finished; the rest is not worth looking at then. */
  readonly unfinished?: readonly Mistake[];
  /** What no message may show, besides what looks like a secret where it stands. */
  readonly secrets?: readonly Whereabouts[];
  /** What makes the text no YAML that can be used; the rest is not worth looking at then. */
  readonly syntax: readonly Mistake[];
  /** YAML that a configuration has no use for: tags, and keys that are not text. */
  readonly rules: readonly Mistake[];
  /** Numbers in a notation that may be read in more than one way; of no account where text is expected. */
  readonly notations: readonly Mistake[];
}

/** Parses YAML. The text must not begin with a byte order mark. */
export function readYaml(text: string): YamlTree {
  const lines = new LineCounter();
  const { contents, broken } = parseYaml(text, lines);
  return treeOf(text, contents, broken, lines);
}

/**
 * The documents of a YAML text, one at least; of one that cannot be used it is the only one.
 * @param file that holds it, where another file takes values from it: they know where they stand
 */
export function readYamlDocuments(text: string, file?: string): readonly YamlTree[] {
  const lines = new LineCounter();
  const { all, broken } = parseDocuments(text, lines);
  const trees = all.map((contents) => treeOf(text, contents, broken, lines, file));
  const wrong = trees.find(({ syntax }) => syntax.length > 0);
  return wrong === undefined ? trees : [wrong];
}

function treeOf(
  text: string,
  contents: ParsedNode | null,
  broken: Mistake | undefined,
  lines: LineCounter,
  file?: string,
): YamlTree {
  const syntax = broken === undefined ? [] : [broken];
  const reader = {
    anchors: new Map<string, Place>(),
    rules: new Array<Mistake>(),
    notations: new Array<Mistake>(),
    syntax,
  };
  const source: Writable<Source> | undefined = file === undefined ? undefined : { file, tree: undefined };
  const top = { path: [], offset: 0, end: 0, key: undefined, source };
  const tree = {
    text,
    root: readNode(contents, top, reader),
    position: (offset: number) => {
      const { line, col } = lines.linePos(offset);
      // An empty text has no line to the counter.
      return line === 0 ? { line: 1, column: 1 } : { line, column: col };
    },
    syntax: reader.syntax,
    rules: reader.rules,
    notations: reader.notations,
  };
  if (source !== undefined) source.tree = tree;
  return tree;
}

type Writable<T> = { -readonly [key in keyof T]: T[key] };

/**
 * Where a mistake is: a value where it stands; what the file does not have at the key that should hold it.
 */
export function spotOf({ root }: Pick<YamlTree, 'root'>, { path, atKey, ...at }: Mistake): Whereabouts {
  if (at.offset !== undefined) {
    return { offset: at.offset, end: at.end ?? at.offset, source: at.source };
  }
  const { place, found } = findPlace(root, path);
  if (found && atKey !== true) {
    return { offset: place.offset, end: place.end, source: place.source };
  }
  return place.key ?? { offset: place.offset, end: place.offset, source: place.source };
}

/** ` (file:line:column)` of a value in a file that is not the one that is read; nothing of another. */
export function whereIsPlace({ source, offset }: Whereabouts): string {
  if (source?.tree === undefined) return '';
  const { line, column } = source.tree.position(offset);
  return ` (${showFile(source.file)}:${line}:${column})`;
}
