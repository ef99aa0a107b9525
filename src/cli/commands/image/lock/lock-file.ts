import { isDeepStrictEqual } from 'node:util';
import { checkLock, soundLock } from '../../../../config/images-lock/check.ts';
import type { ImagesLock } from '../../../../config/images-lock/check.ts';
import { withBuild } from '../../../../config/images-lock/edit.ts';
import { LOCK_NAME, readFoundLock, readNamedLock } from '../../../../config/images-lock/read.ts';
import { replaceLock } from '../../../../config/images-lock/write.ts';
import type { Arch, LockedBuild } from '../../../../config/machine.ts';
import { PlowError } from '../../../../errors/plow-error.ts';

/** A lock of a command line, which need not be there yet. */
export interface OpenLock {
  readonly file: string;
  /** Undefined where there is no such file. */
  readonly lock: ImagesLock | undefined;
  readonly text: string;
}

/**
 * The lock that was named, else the one in the directory that plow was started in.
 * @throws PlowError (config)
 */
export async function openLock(named: string | undefined): Promise<OpenLock> {
  const file = named ?? LOCK_NAME;
  const found = await (named === undefined ? readFoundLock(file) : readNamedLock(file));
  return { file, lock: found && soundLock(found.lock), text: found?.text ?? '' };
}

/** Of a lock that has to be there. @throws PlowError (config) */
export function lockThere({ file, lock }: OpenLock): ImagesLock {
  if (lock !== undefined) return lock;
  throw new PlowError('config', `there is no lock of images ${file}`, {
    hint: 'plow image update NAME begins one; --images-lock FILE names one that is elsewhere',
  });
}

/**
 * Writes which build a name means. The lock is read once more: somebody may have changed it meanwhile.
 * @param named as for openLock @param mark that nobody else has
 * @throws PlowError (config)
 */
export async function keepBuild(
  named: string | undefined,
  { name, arch, build }: { readonly name: string; readonly arch: Arch; readonly build: LockedBuild },
  mark: string,
): Promise<void> {
  const { file, lock, text } = await openLock(named);
  if (isDeepStrictEqual(lock?.images.get(name)?.[arch], build)) return;
  const changed = withBuild(text, name, arch, build);
  soundLock(checkLock(file, changed));
  replaceLock(file, changed, mark);
}
