import { LineCounter } from 'yaml';

import type { Mistake } from './mistake.ts';
import type { Place } from './place.ts';
import { parseYaml } from './document.ts';
import { readNode } from './node-reader.ts';

export interface YamlTree {
  readonly text: string;
  readonly root: Place;
  /** Both from 1; columns count UTF-16 code units. */
  position(offset: number): { readonly line: number; readonly column: number };
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
  const syntax = broken === undefined ? [] : [broken];
  const reader = {
    anchors: new Map<string, Place>(),
    rules: new Array<Mistake>(),
    notations: new Array<Mistake>(),
    syntax,
  };
  const top = { path: [], offset: 0, end: 0, key: undefined };
  return {
    text,
    root: readNode(contents, top, reader),
    position: (offset) => {
      const { line, col } = lines.linePos(offset);
      // An empty text has no line to the counter.
      return line === 0 ? { line: 1, column: 1 } : { line, column: col };
    },
    syntax: reader.syntax,
    rules: reader.rules,
    notations: reader.notations,
  };
}
