import type { VmContext } from '../context.ts';
import { fewAtOnce } from '../few-at-once.ts';
import { lookAtDisks, SILENT } from './look-at-disks.ts';

/** How often marks are taken anew while files change. */
const LOOKS = 5;

/** Where paths of this machine lead without links. */
export interface Places {
  readonly real: ReadonlyMap<string, string>;
  /** What is the same under each path of a file, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Who runs plow may not look there, as behind directories of mode 0710. */
  readonly hidden: readonly string[];
  /** No answer came. */
  readonly silent: readonly string[];
}

/** All of them are hidden on another machine. */
export async function placesOf(paths: readonly string[], { hypervisor }: VmContext): Promise<Places> {
  if (hypervisor.local === undefined) return { real: new Map(), files: new Map(), hidden: paths, silent: [] };
  const places = await fewAtOnce(hypervisor, paths, (path) => hypervisor.findPlace(path));
  const seen = [...places].flatMap(([path, place]) =>
    typeof place === 'string' ? [] : [[path, place] as const],
  );
  return {
    real: new Map(seen.map(([path, { real }]) => [path, real])),
    files: new Map(seen.map(([path, { file }]) => [path, file])),
    hidden: paths.filter((path) => places.get(path) === 'hidden'),
    silent: paths.filter((path) => !places.has(path)),
  };
}

/** Marks of files by path, and why others have none; a file that is missing has neither. */
export interface Marks {
  readonly marks: ReadonlyMap<string, string>;
  readonly unseen: ReadonlyMap<string, string>;
}

/** As a pool tells them. @throws HypervisorError */
export async function marksOf(paths: readonly string[], context: VmContext): Promise<Marks> {
  const marks = new Map<string, string>();
  const unseen = new Map<string, string>();
  if (paths.length === 0) return { marks, unseen };
  for (const [path, look] of await lookAtDisks(paths, context, undefined)) {
    if (look === 'missing') continue;
    if ('why' in look) unseen.set(path, look.why);
    else if (look.mark !== undefined) marks.set(path, look.mark);
  }
  return { marks, unseen };
}

export interface SameFiles {
  /** By path of one's own, those of others that lead to the same file. */
  readonly same: ReadonlyMap<string, readonly string[]>;
  /** Own paths of which that cannot be told, and why. */
  readonly unsure: ReadonlyMap<string, string>;
}

/**
 * Compares marks. A file that is written to meanwhile has other ones from look to look; so the marks of one's
 * own must be the same before and after those of others were taken.
 * @param before of one's own paths, taken before `others`
 * @throws HypervisorError
 */
export async function sameByMarks(
  own: readonly string[],
  before: Marks,
  others: ReadonlyMap<string, string>,
  context: VmContext,
): Promise<SameFiles> {
  let earlier = before.marks;
  let theirs: Marks = { marks: others, unseen: new Map() };
  for (let looks = 1; ; looks += 1) {
    const after = await marksOf(own, context);
    const moved = [...after.marks].flatMap(([path, mark]) => (earlier.get(path) === mark ? [] : [path]));
    if (moved.length > 0 && looks < LOOKS) {
      theirs = await marksOf([...others.keys()], context);
      earlier = after.marks;
      continue;
    }
    const unsure = new Map([...after.unseen, ...moved.map((path) => [path, 'it is written to'] as const)]);
    const [blind] = theirs.unseen;
    if (blind !== undefined) for (const path of own) unsure.set(path, `${blind[0]}: ${blind[1]}`);
    return { same: alike(after.marks, theirs.marks), unsure };
  }
}

function alike(
  own: ReadonlyMap<string, string>,
  others: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly string[]> {
  const byMark = new Map<string, string[]>();
  for (const [path, mark] of others) byMark.set(mark, [...(byMark.get(mark) ?? []), path]);
  return new Map([...own].map(([path, mark]) => [path, byMark.get(mark) ?? []] as const));
}

/**
 * Compares where paths lead on this machine, and which files are there: a bind mount is no link, and a hard
 * link leads nowhere.
 */
export function sameByPlace(own: Places, others: Places): SameFiles {
  const byPath = alike(own.real, others.real);
  const byFile = alike(own.files, others.files);
  return {
    same: new Map([...byPath].map(([path, found]) => [path, [...found, ...(byFile.get(path) ?? [])]])),
    unsure: new Map(own.silent.map((path) => [path, SILENT.why] as const)),
  };
}
