import { usualBoot } from '../../../config/machine/media.ts';
import { bootInterface, bootWord } from '../../../config/values/media.ts';
import type { BootDevice } from '../../../config/values/media.ts';
import { bootDiskOf } from '../disks.ts';
import { driveOf } from './drive.ts';
import type { Evidence } from '../evidence.ts';
import type { Words } from '../piece.ts';

/** What a file says of what the firmware tries: a list, or keys of interfaces alone. */
export interface ExportedBoot {
  /** Undefined where the keys of the interfaces say it all. */
  readonly boot: readonly BootDevice[] | undefined;
  /** Of each interface: whether it has the key. */
  readonly networks: readonly boolean[];
}

/** As a file can say it; what is otherwise is told. */
export function exportedBoot(evidence: Evidence, words: Words): ExportedBoot {
  const { facts, metadata } = evidence;
  const list = listOf(evidence, words);
  const made = metadata?.declared;
  const cdrom = driveOf(evidence) === undefined ? undefined : { image: undefined, bus: undefined };
  const named = list.flatMap((word) => bootInterface(word) ?? []);
  const keyed = facts.interfaces.map((_, index) => named.includes(index));
  const interfaces = keyed.map((bootsFromNetwork) => ({ bootsFromNetwork }));
  const areKeysEnough = usualBoot({ cdrom, interfaces }).join() === list.join();
  if (made !== undefined) {
    const before = made.boot ?? usualBoot({ cdrom: made.cdrom, interfaces: made.interfaces });
    words.changed(['boot'], list.join(', '), before.join(', '));
  }
  if (areKeysEnough && made?.boot === undefined) return { boot: undefined, networks: keyed };
  const networks = facts.interfaces.map(
    ({ mac }, index) =>
      named.includes(index) && made?.interfaces.find((one) => one.mac === mac)?.bootsFromNetwork === true,
  );
  return { boot: list, networks };
}

/** In `<os>` libvirt means the first device of each kind; one that has an order of its own is another way. */
function listOf(evidence: Evidence, words: Words): readonly BootDevice[] {
  const { facts } = evidence;
  const [disk, drive] = [bootDiskOf(evidence), driveOf(evidence)];
  const tried = [
    ...facts.disks.map((one) => ({
      order: one.bootOrder,
      what: one.target,
      word: one === disk ? ('disk' as const) : one === drive ? ('cdrom' as const) : undefined,
    })),
    ...facts.interfaces.map((one, index) => ({
      order: one.bootOrder,
      what: `network_interfaces[${index}]`,
      word: bootWord(index),
    })),
  ].filter(({ order }) => order !== undefined);
  if (tried.length === 0) return listOfKinds(facts.bootKinds, words);
  const inOrder = tried.toSorted((one, other) => (one.order ?? 0) - (other.order ?? 0));
  for (const { order, what } of inOrder.filter(({ word }) => word === undefined))
    words.at(['boot'], `the firmware tries ${what} as well (boot order ${order}), which plow cannot say`);
  const list = inOrder.flatMap(({ word }) => word ?? []);
  return list.length === 0 ? ['disk'] : list;
}

const KINDS: Readonly<Record<string, BootDevice>> = { hd: 'disk', cdrom: 'cdrom', network: 'network' };

function listOfKinds(kinds: readonly string[], words: Words): readonly BootDevice[] {
  for (const kind of kinds.filter((one) => KINDS[one] === undefined))
    words.at(['boot'], `the firmware tries ${kind} as well, which plow cannot say`);
  const list = kinds.flatMap((kind) => KINDS[kind] ?? []);
  return list.length === 0 ? ['disk'] : list;
}
