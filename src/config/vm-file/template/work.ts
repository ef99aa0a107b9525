import type { YamlTree } from '../../yaml/tree.ts';
import type { VmFileReader } from '../reader.ts';
import { Bases } from './bases.ts';
import { MOST_COMPLAINTS } from '../../diagnostics/reporter.ts';
import { expanded } from './rows/expand.ts';
import { Room } from './rows/room.ts';
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
  const bases = new Bases(file, named);
  const vms: YamlTree[] = [];
  let broken = 0;
  for (const tree of trees) {
    // Each may have much read and parsed, and nobody reads so much.
    if (room.isOver || broken >= MOST_COMPLAINTS) break;
    const whole = withSettings(await bases.under(tree), reader.settings);
    for (const vm of await expanded(file, whole, named, room)) {
      const root = withOwnPaths(file, vm.root);
      vms.push({ ...vm, own: vm.own ?? vm, root });
      broken += vm.syntax.length + (vm.unfinished ?? []).length > 0 ? 1 : 0;
    }
  }
  return vms;
}
