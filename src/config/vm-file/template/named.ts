import { homedir } from 'node:os';
import { dirname, isAbsolute, join, normalize, resolve } from 'node:path';

import { isOwnDescriptor } from '../../files/links.ts';
import { STANDARD_INPUT } from '../files.ts';
import { directoryOf } from '../reader.ts';

/** Where a file is that another one names. */
export function located(from: string, path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(directoryOf(from), path);
}

/** What a file that another one names is called in messages: as one would from where plow was started. */
export function labelOf(from: string, path: string): string {
  const isFromHere = from === STANDARD_INPUT || isOwnDescriptor(from);
  // Of what stands below ~/ all else is found that it names.
  if (path.startsWith('~/')) return located(from, path);
  if (isAbsolute(path) || isFromHere) return normalize(path);
  return join(dirname(from), path);
}
