import { LineCounter, parseDocument } from 'yaml';

import type { Mistake } from './mistakes.ts';
import type { Place } from './place.ts';
import { syntaxText } from './syntax-text.ts';
import { readNode } from './yaml-reader.ts';

export interface YamlTree {
  readonly root: Place;
  /** `line:column` of an offset, both from 1. */
  position(offset: number): string;
  /** What makes the text no YAML that can be used; the rest is not worth looking at then. */
  readonly syntax: readonly Mistake[];
  /** YAML that a configuration has no use for: tags, and keys that are not text. */
  readonly rules: readonly Mistake[];
}

/** Parses YAML 1.2 (core schema). The text must not begin with a byte order mark. */
export function readYaml(text: string): YamlTree {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    resolveKnownTags: false,
    schema: 'core',
    uniqueKeys: false,
  });
  const reader = { anchors: new Map<string, Place>(), rules: [], syntax: new Array<Mistake>() };
  const top = { path: [], offset: 0, keyOffset: undefined };
  const [broken] = document.errors;
  if (broken !== undefined) {
    // After the first error a parse is guesswork: what else it finds is mostly the same error again.
    reader.syntax.push({
      path: [],
      offset: broken.pos[0],
      text: syntaxText(broken.code, broken.message),
    });
  }
  return {
    root: readNode(broken === undefined ? document.contents : null, top, reader),
    position: (offset) => {
      const { line, col } = lines.linePos(offset);
      // An empty text has no line to the counter.
      return line === 0 ? '1:1' : `${line}:${col}`;
    },
    syntax: reader.syntax,
    rules: reader.rules,
  };
}
