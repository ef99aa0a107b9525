import { FileLook, Unreadable } from './look.ts';
import { OpenFile } from './open-file.ts';
import { orProblem } from './read-text.ts';
import type { Problem } from './read-text.ts';

/**
 * Opens a file that the user names, to be read as often as need be: no pipe, device or directory. Whoever
 * takes it disposes of it.
 */
export function openLocalFile(path: string): Promise<OpenFile | Problem> {
  return orProblem(async () => {
    const look = new FileLook(path);
    try {
      if (look.isPipe) throw new Unreadable('it is a pipe, not a file');
      return new OpenFile(look.open(), path);
    } finally {
      look.close();
    }
  });
}
