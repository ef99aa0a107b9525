import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { FileAccess } from '../files/foreign-file.ts';

const READ_BY_OTHERS = 0o077;

/**
 * Why a file that holds a secret is no secret, or may be somebody else's, in words. Whoever owns the VM file
 * decides anyway. @param vmFile that names it; undefined: it has no owner, as it came through a pipe
 */
export function whyNoSecret({ mode, owner }: FileAccess, vmFile: string | undefined): string | undefined {
  if ((mode & READ_BY_OTHERS) !== 0) return 'others may read it: chmod 600 it';
  const owners = [0, ownUser(), vmFile === undefined ? undefined : ownerOf(vmFile)];
  return owners.includes(owner)
    ? undefined
    : `it belongs to uid ${owner}, and neither to you nor to the owner of the VM file: chown it`;
}

function ownUser(): number | undefined {
  try {
    return userInfo().uid;
  } catch {
    // A user whom the system has no name for.
    return undefined;
  }
}

function ownerOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.uid;
}
