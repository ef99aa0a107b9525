import { posix } from 'node:path';
import { FEATURES } from '../features/table.ts';
import { versionText } from '../features/version.ts';
import type { Judgement } from '../features/judge.ts';
import { isOverlayFile, snapshotOfNvramCopy } from '../../config/vm-paths.ts';

/**
 * Which files a VM and its snapshots stand on, and what may become of them. Values alone: nothing here asks
 * anybody.
 */

/** Whatever this libvirt takes: a VM may run with a newer one some day, of which some take about 25 only. */
export const MOST_LAYERS = 20;
const CHAINS = FEATURES['long-chains'].decided;
const TOO_LONG = `libvirt from ${versionText(CHAINS.brokenFrom)} to before ${versionText(CHAINS.since)} starts no VM with more than about 25`;

/** A snapshot is taken within this time after the one that it says; later nobody may write below it. */
const TAKING_SECONDS = 120;

export interface Layers {
  readonly target: string;
  /** From the disk's own file down. */
  readonly paths: readonly string[];
}

export interface KnownSnapshot {
  readonly name: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly parent: string | undefined;
  readonly isOfDisksOnly: boolean;
  readonly isInternal: boolean;
  /** As they were: none of these files is written to any more. */
  readonly disks: readonly Layers[];
}

export interface KnownFile {
  /** Its backing file, as the file itself says. */
  readonly below: string | undefined;
  /** Seconds since 1970. */
  readonly writtenAt: number | undefined;
}

export interface Chains {
  /** The VM's own. */
  readonly directory: string;
  /** What the VM writes to, and what is below. */
  readonly disks: readonly Layers[];
  readonly snapshots: readonly KnownSnapshot[];
  /** Files of the directory, by path. */
  readonly files: ReadonlyMap<string, KnownFile>;
  /** Whether the VM has UEFI variables. */
  readonly hasNvram: boolean;
  /** Paths of what the VM had once, and may have again. */
  readonly kept?: readonly string[];
  /** Whether libvirt itself goes back to snapshots that plow does not; asked where there is one. */
  readonly ownWays?: OwnWays | undefined;
}

export interface OwnWays {
  readonly internal: Judgement;
  readonly external: Judgement;
}

/** Every file that the VM, or one of its snapshots, stands on, however far down. */
export function neededFiles({ disks, snapshots, files, kept = [] }: Chains): ReadonlySet<string> {
  const named = [...disks, ...snapshots.flatMap((snapshot) => snapshot.disks)].flatMap(({ paths }) => paths);
  const needed = new Set<string>();
  const open = [...named, ...kept];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (needed.has(path)) continue;
    needed.add(path);
    const below = files.get(path)?.below;
    if (below !== undefined) open.push(below);
  }
  return needed;
}

/**
 * Files in the VM's directory that plow made for snapshots, and that neither the VM nor a snapshot of it
 * needs; another VM may.
 */
export function spareFiles(chains: Chains): readonly string[] {
  const needed = neededFiles(chains);
  const names = new Set(chains.snapshots.map(({ name }) => name));
  return [...chains.files.keys()].filter((path) => {
    if (posix.dirname(path) !== chains.directory || needed.has(path)) return false;
    const file = posix.basename(path);
    const copyOf = snapshotOfNvramCopy(file);
    return copyOf === undefined ? isOverlayFile(file) : !names.has(copyOf);
  });
}

/**
 * Of a VM that is off, a snapshot is there before the VM goes on in other files: one whose files are written
 * to still is that of a command which was killed.
 */
export function isHalfDone(snapshot: KnownSnapshot, disks: readonly Layers[]): boolean {
  const written = new Set(disks.map(({ paths }) => paths[0]));
  return snapshot.disks.some(({ paths: [top] }) => top !== undefined && written.has(top));
}

/** Why a VM cannot go back to a snapshot; undefined where it can. */
export function whyNot(snapshot: KnownSnapshot, chains: Chains): string | undefined {
  const { name, createdAt, disks, isOfDisksOnly } = snapshot;
  const { directory, files } = chains;
  if (!isOfDisksOnly) return notOfDisks(snapshot, chains);
  if (disks.length === 0) return 'libvirt does not know its disks';
  if (isHalfDone(snapshot, chains.disks)) return 'its create was killed: the VM writes to its files still';
  for (const { target, paths } of disks) {
    const [top] = paths;
    if (top === undefined) return `disk ${target} was no file`;
    if (posix.dirname(top) !== directory) return `disk ${target} was not in ${directory}`;
    const gone = paths.find((path) => posix.dirname(path) === directory && !files.has(path));
    if (gone !== undefined) return `${gone} is gone`;
    if (paths.length >= MOST_LAYERS) return `disk ${target} has ${paths.length} layers`;
    const late = paths.find((path) => (files.get(path)?.writtenAt ?? 0) > createdAt + TAKING_SECONDS);
    if (late !== undefined) return `${late} was written to since`;
    if (!chains.disks.some((disk) => disk.target === target)) return `the VM has no disk ${target} any more`;
  }
  const copies = [...files.keys()].map((path) => snapshotOfNvramCopy(posix.basename(path)));
  if (chains.hasNvram && !copies.includes(name)) return 'the copy of its UEFI variables is missing';
  return undefined;
}

function notOfDisks({ isInternal }: KnownSnapshot, { ownWays }: Chains): string {
  const way = isInternal ? ownWays?.internal : ownWays?.external;
  return way?.has === false
    ? `not of disks alone, and libvirt cannot go back to it either (${way.why})`
    : 'not of disks alone: virsh snapshot-revert may';
}

/** Why no snapshot can be taken of such a VM; undefined where one can. */
export function whyNoNew({ disks, snapshots, files, directory }: Chains): string | undefined {
  const other = snapshots.find(({ isOfDisksOnly }) => !isOfDisksOnly);
  if (other !== undefined)
    return `it has a snapshot of another kind, '${other.name}', and two kinds do not go together`;
  if (disks.length === 0) return 'it has no disk';
  for (const { target, paths } of disks) {
    const [top] = paths;
    if (top === undefined) return `disk ${target} is not a file`;
    if (posix.dirname(top) !== directory) return `disk ${target} is not in the VM's directory ${directory}`;
    if (!files.has(top)) return `${top} is not there`;
    if (paths.length >= MOST_LAYERS)
      return `disk ${target} has ${paths.length} layers already, and ${TOO_LONG}`;
  }
  return undefined;
}
