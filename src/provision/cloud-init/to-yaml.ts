import { Document, visit } from 'yaml';
import type { Tags } from 'yaml';

/**
 * Tabs, which PyYAML refuses in some places, and lines of blanks only, which the package loses at the end of
 * a block; and what PyYAML takes for YAML 1.1's merge and value keys, wherever it stands: safe in quotes.
 */
const FRAGILE = /\t|^ +$|^(?:<<|=)$/mu;

/**
 * A document for cloud-init, whose parser (PyYAML) knows YAML 1.1: there a bare `no`, `1_000` or `2024-01-01`
 * is not text, and each of them can be the name of a VM. It also refuses some texts with tabs, unless they
 * are quoted.
 */
export function toYaml(content: object): string {
  const document = new Document(content, { version: '1.1', customTags: withoutMerge });
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && FRAGILE.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
}

const MERGE = 'tag:yaml.org,2002:merge';

/** The package writes `<<` without quotes, whatever is asked of it, as long as it knows the tag. */
function withoutMerge(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === 'string' || tag.tag !== MERGE);
}
