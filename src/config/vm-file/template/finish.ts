import { readYamlDocuments } from '../../yaml/tree.ts';
import type { YamlTree } from '../../yaml/tree.ts';
import type { VmFileReader } from '../reader.ts';
import { EXTENDS } from './keys.ts';

/**
 * What a VM file comes to: a tree for each VM, in the order of the file, one at least.
 * @param file its own path @param text with a byte order mark or without
 */
export async function finishedTrees(
  file: string,
  text: string,
  reader: VmFileReader,
): Promise<readonly YamlTree[]> {
  const trees = readYamlDocuments(text.replace(/^\uFEFF/u, ''));
  // Most files are finished as they are.
  if (trees.every(({ root }) => !root.children.has(EXTENDS))) return trees;
  const [{ withBases }, { withOwnPaths }] = await Promise.all([
    import('./bases.ts'),
    import('./own-paths.ts'),
  ]);
  const named = reader.namedBy(file);
  const finished: YamlTree[] = [];
  for (const tree of trees) {
    const whole = await withBases(file, tree, named);
    finished.push({ ...whole, root: withOwnPaths(file, whole.root) });
  }
  return finished;
}
