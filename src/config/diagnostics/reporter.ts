import type { Diagnostic, Spot } from './diagnostic.ts';
import { excerptAt, lineAt } from './excerpt.ts';
import type { Filled } from './filled.ts';
import { label } from '../yaml/mistake.ts';
import type { Mistake } from '../yaml/mistake.ts';
import { spotOf } from '../yaml/tree.ts';
import type { SourceText, Whereabouts } from '../yaml/place.ts';
import { joined, secretRanges } from './secrets.ts';
import type { Range } from './secrets.ts';
import type { YamlTree } from '../yaml/tree.ts';

/** More lines than a screen holds help nobody. */
export const MOST_COMPLAINTS = 50;

export interface Reported {
  /** In the order of the file, as many as help. */
  readonly diagnostics: readonly Diagnostic[];
  /** How many more there are. */
  readonly omitted: number;
}

/** Makes the diagnostics about one file. */
export class DiagnosticReporter {
  readonly #file: string;
  readonly #tree: YamlTree;
  readonly #origins: ReadonlyMap<string, string>;

  /** @param filled values that the file has not itself */
  constructor(file: string, tree: YamlTree, filled: readonly Filled[] = []) {
    this.#file = file;
    this.#tree = tree;
    this.#origins = new Map(filled.map(({ path, origin }) => [label(path), origin]));
  }

  all(severity: Diagnostic['severity'], mistakes: readonly Mistake[]): Reported {
    const found = mistakes.map((mistake) => ({ mistake, spot: spotOf(this.#tree, mistake) }));
    const order = [undefined, ...new Set(found.map(({ spot }) => spot.source))];
    const diagnostics = found
      .toSorted(
        ({ spot: a }, { spot: b }) =>
          order.indexOf(a.source) - order.indexOf(b.source) || a.offset - b.offset,
      )
      .slice(0, MOST_COMPLAINTS)
      .map(({ mistake }) => this.one(severity, mistake));
    return { diagnostics, omitted: mistakes.length - diagnostics.length };
  }

  one(severity: Diagnostic['severity'], mistake: Mistake): Diagnostic {
    const { path, text, suggestion } = mistake;
    const key = label(path);
    const origin = this.#origins.get(key);
    const at = spotOf(this.#tree, mistake);
    return {
      file: at.source?.file ?? this.#file,
      severity,
      key,
      ...(origin === undefined ? {} : { origin }),
      text,
      ...(suggestion === undefined ? {} : { suggestion }),
      spot: this.#shown(at),
    };
  }

  #shown({ offset, end, source }: Whereabouts): Spot | undefined {
    const tree = source === undefined ? (this.#tree.own ?? this.#tree) : source.tree;
    if (tree === undefined) return undefined;
    const { text } = tree;
    const { line, column } = tree.position(offset);
    const secrets = this.#secretsIn(tree, source);
    const stop = Math.min(end, lineAt(text, offset)[1]);
    // The length of a password is half of it.
    const secret = secrets.some(([from, to]) => from < stop && to > offset);
    return {
      line,
      column,
      endColumn: column + (secret ? 1 : Math.max(1, stop - offset)),
      excerpt: excerptAt(text, [offset, end], secrets),
    };
  }

  #secretsIn(text: SourceText, source: Whereabouts['source']): readonly Range[] {
    const { secrets = NONE } = this.#tree;
    const known = TOLD.get(secrets)?.get(text);
    if (known !== undefined) return known;
    const more = secrets.filter((one) => one.source === source);
    const all = joined([...secretsOf(text), ...more.map(({ offset, end }): Range => [offset, end])]);
    TOLD.set(secrets, new Map([...(TOLD.get(secrets) ?? []), [text, all]]));
    return all;
  }
}

/** Those of a text, which many VMs may stand in. */
const SECRETS = new WeakMap<SourceText, readonly Range[]>();

const NONE: readonly Whereabouts[] = [];
/** The same, with those that many VMs are told of. */
const TOLD = new WeakMap<readonly Whereabouts[], ReadonlyMap<SourceText, readonly Range[]>>();

function secretsOf(tree: SourceText): readonly Range[] {
  const ranges = SECRETS.get(tree) ?? secretRanges(tree.text, tree.root);
  SECRETS.set(tree, ranges);
  return ranges;
}
