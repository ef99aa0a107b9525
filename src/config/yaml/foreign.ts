import { isNode, LineCounter, visit } from 'yaml';
import type { Document } from 'yaml';

import { parseYaml } from './document.ts';

/** Many times what any document repeats. */
const MOST_ALIASES = 100;

/**
 * The value of a document that was written for cloud-init, in YAML 1.1 as PyYAML reads it; undefined where it
 * is not YAML, or more than plow needs. @returns null of an empty one
 */
export function readForeignYaml(text: string): unknown {
  const { document, broken } = parseYaml(text, new LineCounter(), '1.1');
  if (broken !== undefined || (document !== undefined && hasTags(document))) return undefined;
  try {
    return document === undefined ? null : document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch {
    // The package's word for too many aliases, or for one without an anchor.
    return undefined;
  }
}

/** A tag says what a value is (`!!binary`), which the value alone then does not. */
function hasTags(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Node: (_, node) => {
      if (isNode(node) && 'tag' in node && typeof node.tag === 'string' && node.tag.startsWith('!'))
        found = true;
    },
  });
  return found;
}
