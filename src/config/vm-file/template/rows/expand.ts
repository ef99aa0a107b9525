import type { Mistake } from '../../../yaml/mistake.ts';
import { spotOf } from '../../../yaml/tree.ts';
import type { YamlTree } from '../../../yaml/tree.ts';
import type { NamedFiles } from '../../reader.ts';
import { addressMistakes, withAddresses } from './addresses.ts';
import { filled } from './holes.ts';
import type { Cell, Filling } from './holes.ts';
import { COUNT, EACH } from '../keys.ts';
import type { Room } from './room.ts';
import { COUNTERS, rowsOf } from './rows.ts';
import type { Row } from './rows.ts';
import { secretCells, unreadSecrets } from './secret-cells.ts';
import { without, wrongAt } from '../trees.ts';

/** The VMs of a tree that counts them, or has a row for each; else it is one. @param file its own path */
export async function expanded(
  file: string,
  tree: YamlTree,
  named: NamedFiles,
  room: Room,
): Promise<readonly YamlTree[]> {
  const isSound = tree.syntax.length === 0 && (tree.unfinished ?? []).length === 0;
  const found = isSound ? await rowsOf(file, tree.root, named) : undefined;
  if (found === undefined) return [alone(tree, room)];
  const template = without(tree.root, COUNT, EACH);
  const own = tree.own ?? tree;
  const key = tree.root.children.has(COUNT) ? COUNT : EACH;
  const at = tree.root.children.get(key) ?? tree.root;
  const secrets =
    'mistakes' in found
      ? unreadSecrets(template, at, found.mistakes, own)
      : secretCells(template, found.rows, own);
  const broken = (mistakes: readonly Mistake[]): readonly YamlTree[] => [
    { ...tree, own, root: template, unfinished: mistakes, secrets },
  ];
  if ('mistakes' in found) return broken(found.mistakes);
  const odd = tree.notations.filter(({ path }) => path[0] === EACH);
  if (odd.length > 0) return broken(odd.map((mistake) => ({ ...mistake, ...spotOf(tree, mistake) })));
  const { rows } = found;
  const tooMany = room.takeRows(rows.length);
  if (tooMany !== undefined) return broken([wrongAt(at, [key], tooMany)]);
  const mistakes: Mistake[] = [...addressMistakes(template, rows.length)];
  const trees: YamlTree[] = [];
  for (const [index, row] of rows.entries()) {
    const root = withAddresses(filled(template, fillingOf(row, index, tree, mistakes)), template, index);
    const tooMuch = room.take(root);
    if (tooMuch !== undefined) return broken([wrongAt(at, [key], tooMuch)]);
    trees.push({ ...tree, own, root, secrets, row: { n: index + 1, of: rows.length } });
    // What no row fills is the same in all of them.
    if (mistakes.length > 0) return broken(mistakes);
  }
  return trees;
}

/** A document that is one VM. */
function alone(tree: YamlTree, room: Room): YamlTree {
  const tooMuch = room.takeRows(1) ?? room.take(tree.root);
  if (tooMuch === undefined) return tree;
  const { unfinished = [] } = tree;
  return { ...tree, unfinished: [...unfinished, wrongAt(tree.root, [], tooMuch)] };
}

function fillingOf(row: Row, index: number, tree: YamlTree, mistakes: Mistake[]): Filling {
  const counters: ReadonlyMap<string, number> = new Map([
    [COUNTERS[0], index + 1],
    [COUNTERS[1], index],
  ]);
  const cell = (name: string): Cell | undefined => {
    const count = counters.get(name);
    if (count !== undefined) return { value: count, place: undefined };
    const place = row.get(name);
    return place && { value: place.value, place };
  };
  return { cell, names: [...COUNTERS, ...row.keys()], n: index + 1, own: tree.own ?? tree, mistakes };
}
