import { isSecretAt, isSecretKey } from '../../../diagnostics/secrets.ts';
import type { ConfigPath } from '../../../machine.ts';
import type { Mistake } from '../../../yaml/mistake.ts';
import type { Place, SourceText, Whereabouts } from '../../../yaml/place.ts';
import { holeNames } from './holes.ts';
import type { Row } from './rows.ts';

/** What is filled from rows, by the name of what fills it. */
type Holes = ReadonlyMap<string, readonly ConfigPath[]>;

/**
 * Cells that no message may show: what fills a secret, whatever its column is called, and what is called as
 * a secret is.
 * @param template with its holes @param own the text of the file itself
 */
export function secretCells(template: Place, rows: readonly Row[], own: SourceText): readonly Whereabouts[] {
  const holes = holesOf(template, own);
  return rows.flatMap((row) =>
    [...row].flatMap(([name, place]) => {
      const paths = [[name], ...(holes.get(name) ?? [])];
      return paths.some((path) => isSecretAt(path, String(place.value))) ? [place] : [];
    }),
  );
}

/**
 * The same of rows that cannot be read, so that it cannot be seen which cell is which: all of the text.
 * @param each where the file names them @param mistakes what is wrong with them
 */
export function unreadSecrets(
  template: Place,
  each: Place,
  mistakes: readonly Mistake[],
  own: SourceText,
): readonly Whereabouts[] {
  const paths = [...holesOf(template, own).values()].flat();
  const isWanted = paths.some((path) => isSecretAt(path, ''));
  const sources = new Set(mistakes.flatMap(({ source }) => (source?.tree === undefined ? [] : [source])));
  const files = [...sources].flatMap((source): readonly Whereabouts[] => {
    const { text = '' } = source.tree ?? {};
    const [head = ''] = text.split('\n', 1);
    const all = { offset: 0, end: text.length, source };
    return source !== each.source && (isWanted || isSecretKey(head)) ? [all] : [];
  });
  return isWanted ? [...files, each] : files;
}

function holesOf(template: Place, own: SourceText): Holes {
  const holes = new Map<string, ConfigPath[]>();
  const look = (place: Place, path: ConfigPath): void => {
    const names = holeNames(place, own);
    for (const name of names) holes.set(name, [...(holes.get(name) ?? []), path]);
    if (names.length === 0) for (const [key, child] of place.children) look(child, [...path, key]);
  };
  look(template, []);
  return holes;
}
