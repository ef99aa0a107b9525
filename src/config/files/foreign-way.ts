import { lstatSync, readlinkSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { whyForeign } from './foreign-file.ts';
import type { Foreign } from './foreign-file.ts';

/** As many as the kernel follows. path_resolution(7) */
const MOST_LINKS = 40;
const STICKY = 0o1000;

/** A directory or link on the way to a file, whose owner or writers choose what is found there. */
export interface ForeignStep extends Foreign {
  readonly path: string;
}

/**
 * The first directory or link on the way to a file that is neither root's nor the user's, or a directory that
 * others can write; links are followed. In a sticky one, such as /tmp, nobody takes the place of what is not
 * theirs. @throws the system's errors
 */
export function foreignStep(file: string, userId: number): ForeignStep | undefined {
  let path: string = sep;
  let links = 0;
  const rest = resolve(file).split(sep);
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    path = part === '..' ? dirname(path) : join(path, part);
    const stat = lstatSync(path);
    const foreign = whyForeign({ owner: stat.uid, mode: modeOf(stat) }, userId);
    // Of the file itself is judged what was read.
    if (foreign !== undefined && !stat.isFile()) return { ...foreign, path };
    if (!stat.isSymbolicLink() || (links += 1) > MOST_LINKS) continue;
    const target = readlinkSync(path);
    path = target.startsWith(sep) ? sep : dirname(path);
    rest.unshift(...target.split(sep));
  }
  return undefined;
}

/** A link has no mode of its own. */
function modeOf(stat: Stats): number {
  const harmless = stat.isSymbolicLink() || (stat.isDirectory() && (stat.mode & STICKY) !== 0);
  return harmless ? 0 : stat.mode;
}
