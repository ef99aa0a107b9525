import type { YamlTree } from '../../yaml/tree.ts';
import type { VmFileReader } from '../reader.ts';
import { withBases } from './bases.ts';
import { expanded, Room } from './expand.ts';
import { withOwnPaths } from './own-paths.ts';
import { withSettings } from './set.ts';

/** The documents of a file with what they extend, what was set, and a tree for each of their rows. */
export async function finished(
  file: string,
  trees: readonly YamlTree[],
  reader: VmFileReader,
): Promise<readonly YamlTree[]> {
  const named = reader.namedBy(file);
  const room = new Room();
  const vms: YamlTree[] = [];
  for (const tree of trees) {
    const whole = withSettings(await withBases(file, tree, named), reader.settings);
    for (const vm of await expanded(file, whole, named, room)) {
      const root = withOwnPaths(file, vm.root);
      vms.push({ ...vm, own: vm.own ?? vm, root });
    }
  }
  return vms;
}
