import { lstatSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/** Names that a process has for what it was started with; who gives one means that. proc(5) */
const OWN_DESCRIPTOR = /^\/(?:dev\/(?:stdin|fd\/\d+)|proc\/(?:self|\d+)\/fd\/\d+)$/u;

/** `/dev/stdin`, and what a shell makes of `<(...)`. */
export function isOwnDescriptor(file: string): boolean {
  return OWN_DESCRIPTOR.test(file);
}

/**
 * Whether a path is below a directory. Both are absolute and have no detours; nothing is below `/`, which is
 * nobody's own.
 */
export function isBelow(path: string, directory: string): boolean {
  return directory !== sep && path.startsWith(`${directory}${sep}`);
}

/**
 * Whether a link on the way to a file leads out of the directory in which the link stands: who put it there
 * may have meant a file that is none of theirs. @param realPath where the file is
 */
export function leadsOut(file: string, realPath: string): boolean {
  if (isOwnDescriptor(file) || realPath === resolve(file)) return false;
  return followed(file) !== realPath;
}

/**
 * Where a path leads by links that stay in the directories in which they stand; undefined where one leads
 * elsewhere, or nowhere. The way begins where plow was started, or at `/`, in which every link is the
 * system's.
 */
export function followed(file: string): string | undefined {
  const here = resolve('.');
  const [start, way] = !isAbsolute(file)
    ? [here, file]
    : isBelow(file, here)
      ? [here, relative(here, file)]
      : [sep, file];
  let current: string | undefined = start;
  for (const part of way.split(sep)) {
    if (current !== undefined) current = step(current, part);
  }
  return current;
}

/** From a directory to what has a name in it. */
function step(current: string, part: string): string | undefined {
  if (part === '' || part === '.') return current;
  // As the kernel does, behind a link too.
  if (part === '..') return dirname(current);
  const path = join(current, part);
  if (!isLink(path)) return path;
  const target = realPathOf(path);
  const stays = target !== undefined && (target === current || isBelow(target, current));
  return stays || current === sep ? target : undefined;
}

/** What cannot be looked at cannot be read either, and whoever tries is told why. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}
