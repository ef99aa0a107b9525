import { label, showFile } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';
import { findPlace } from './place.ts';
import type { YamlTree } from './yaml-tree.ts';

/** More lines than a screen holds help nobody. */
const MOST_COMPLAINTS = 50;

type Target = Omit<Mistake, 'text'>;

/** `file:line:column: key: text` for each mistake, in the order of the file. */
export function complaints(file: string, tree: YamlTree, mistakes: readonly Mistake[]): readonly string[] {
  const lines = mistakes
    .map((mistake) => ({ mistake, offset: offsetOf(tree, mistake) }))
    .toSorted((a, b) => a.offset - b.offset)
    .slice(0, MOST_COMPLAINTS)
    .map(({ mistake }) => `${locate(file, tree, mistake)}: ${mistake.text}`);
  const rest = mistakes.length - lines.length;
  return rest === 0 ? lines : [...lines, `${showFile(file)}: and ${rest} more`];
}

/** `file:line:column: key`; without the key where the whole file is meant. */
export function locate(file: string, tree: YamlTree, target: Target): string {
  const where = `${showFile(file)}:${tree.position(offsetOf(tree, target))}`;
  return target.path.length === 0 ? where : `${where}: ${label(target.path)}`;
}

/** A value is where it begins; what the file does not have is at the key that should hold it. */
function offsetOf({ root }: YamlTree, { path, atKey, offset }: Target): number {
  if (offset !== undefined) {
    return offset;
  }
  const { place, found } = findPlace(root, path);
  return found && atKey !== true ? place.offset : (place.keyOffset ?? place.offset);
}
