import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Stands for standard input in place of a file. */
export const STANDARD_INPUT = '-';

const ENDINGS = ['.yaml', '.yml'];

/** A file to read, or one that there is none of, and why. */
export interface WantedFile {
  readonly file: string;
  readonly problem?: string;
}

/**
 * The files that words of a command line stand for, in their order, each once: a file for itself, a directory
 * for the files in it that are called *.yaml or *.yml, sorted, and not those further down.
 */
export function vmFiles(words: readonly string[]): readonly WantedFile[] {
  const byPath = new Map<string, WantedFile>();
  for (const wanted of words.flatMap(expand)) {
    const path = realPath(wanted.file);
    if (!byPath.has(path)) byPath.set(path, wanted);
  }
  return [...byPath.values()];
}

function expand(word: string): readonly WantedFile[] {
  if (word === STANDARD_INPUT || !isDirectory(word)) return [{ file: word }];
  try {
    const names = readdirSync(word).filter(
      (name) => !name.startsWith('.') && ENDINGS.some((ending) => name.endsWith(ending)),
    );
    const files = names.map((name) => join(word, name)).filter((file) => !isDirectory(file));
    if (files.length > 0) return files.toSorted().map((file) => ({ file }));
    return [{ file: word, problem: 'the directory holds no file that is called *.yaml or *.yml' }];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return [{ file: word, problem: `cannot be read: ${code === 'EACCES' ? 'permission denied' : code}` }];
  }
}

/** What cannot be looked at cannot be read either, which is told then. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** A pipe has none, and counts by its name, and so does standard input. */
function realPath(file: string): string {
  if (file === STANDARD_INPUT) return file;
  try {
    return realpathSync.native(file);
  } catch {
    return file;
  }
}
