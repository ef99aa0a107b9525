import type { Diagnostic, Spot } from './diagnostic.ts';
import { excerptAt, lineAt } from './excerpt.ts';
import type { Filled } from './filled.ts';
import { label } from '../yaml/mistake.ts';
import type { Mistake } from '../yaml/mistake.ts';
import { findPlace } from '../yaml/place.ts';
import { secretRanges } from './secrets.ts';
import type { Range } from './secrets.ts';
import type { YamlTree } from '../yaml/tree.ts';

/** More lines than a screen holds help nobody. */
const MOST_COMPLAINTS = 50;

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
  #secrets: readonly Range[] | undefined;

  /** @param filled values that the file has not itself */
  constructor(file: string, tree: YamlTree, filled: readonly Filled[] = []) {
    this.#file = file;
    this.#tree = tree;
    this.#origins = new Map(filled.map(({ path, origin }) => [label(path), origin]));
  }

  all(severity: Diagnostic['severity'], mistakes: readonly Mistake[]): Reported {
    const diagnostics = mistakes
      .map((mistake) => ({ mistake, offset: rangeOf(this.#tree, mistake)[0] }))
      .toSorted((a, b) => a.offset - b.offset)
      .slice(0, MOST_COMPLAINTS)
      .map(({ mistake }) => this.one(severity, mistake));
    return { diagnostics, omitted: mistakes.length - diagnostics.length };
  }

  one(severity: Diagnostic['severity'], mistake: Mistake): Diagnostic {
    const { path, text, suggestion } = mistake;
    const key = label(path);
    const origin = this.#origins.get(key);
    return {
      file: this.#file,
      severity,
      key,
      ...(origin === undefined ? {} : { origin }),
      text,
      ...(suggestion === undefined ? {} : { suggestion }),
      spot: this.#spot(rangeOf(this.#tree, mistake)),
    };
  }

  #spot([offset, end]: Range): Spot {
    const { text, root } = this.#tree;
    const { line, column } = this.#tree.position(offset);
    this.#secrets ??= secretRanges(text, root);
    const stop = Math.min(end, lineAt(text, offset)[1]);
    // The length of a password is half of it.
    const secret = this.#secrets.some(([from, to]) => from < stop && to > offset);
    return {
      line,
      column,
      endColumn: column + (secret ? 1 : Math.max(1, stop - offset)),
      excerpt: excerptAt(text, [offset, end], this.#secrets),
    };
  }
}

/** A value is where it stands; what the file does not have is at the key that should hold it. */
function rangeOf({ root }: YamlTree, { path, atKey, offset, end }: Mistake): Range {
  if (offset !== undefined) {
    return [offset, end ?? offset];
  }
  const { place, found } = findPlace(root, path);
  if (found && atKey !== true) {
    return [place.offset, place.end];
  }
  return place.key === undefined ? [place.offset, place.offset] : [place.key.offset, place.key.end];
}
