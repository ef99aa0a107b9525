import { readYamlDocuments } from '../../yaml/tree.ts';
import type { YamlTree } from '../../yaml/tree.ts';
import type { VmFileReader } from '../reader.ts';
import { MOST_ROWS, TEMPLATE_KEYS } from './keys.ts';

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
  const { settings } = reader;
  // Most files are finished as they are.
  const isFinished = trees.every(({ root }) => TEMPLATE_KEYS.every((key) => !root.children.has(key)));
  if (isFinished && settings.length === 0 && trees.length <= MOST_ROWS) return trees;
  const { finished } = await import('./work.ts');
  return finished(file, trees, reader);
}
