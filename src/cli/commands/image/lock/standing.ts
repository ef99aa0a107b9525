import type { LockedBuild } from '../../../../config/machine.ts';
import { compareBuilds } from '../../../../images/catalog/versions.ts';
import { digestText } from '../../../../images/digest.ts';
import type { Digest } from '../../../../images/digest.ts';

/** What a publisher says of its newest build. */
export interface NewestBuild {
  readonly version: string;
  readonly downloaded: Digest | undefined;
  readonly content: Digest | undefined;
}

/**
 * How what a lock has stands to the newest of the publisher. `ahead`: the publisher tells of an older one, as
 * a mirror may. `changed`: of the same version and another digest.
 */
export type Standing = 'missing' | 'current' | 'behind' | 'ahead' | 'changed';

/** @param locked undefined: the lock does not have the name */
export function standingOf(locked: LockedBuild | undefined, newest: NewestBuild): Standing {
  if (locked === undefined) return 'missing';
  const compared = [
    areSame(locked.content, newest.content),
    areSame(locked.downloaded, newest.downloaded),
  ].filter((same) => same !== undefined);
  // The same image, however it is packed and called.
  if (areSame(locked.content, newest.content) === true) return 'current';
  const isSameVersion = locked.version === newest.version;
  if (compared.includes(false)) return isSameVersion ? 'changed' : byVersion(locked, newest);
  return isSameVersion || compared.includes(true) ? 'current' : byVersion(locked, newest);
}

function byVersion(locked: LockedBuild, { version }: NewestBuild): Standing {
  return compareBuilds(version, locked.version) < 0 ? 'ahead' : 'behind';
}

/** Undefined where digests are of different kinds, or one is not known. */
function areSame(locked: string | undefined, found: Digest | undefined): boolean | undefined {
  if (locked === undefined || found === undefined) return undefined;
  return locked.startsWith(`${found.algorithm}:`) ? locked === digestText(found) : undefined;
}
