import type { Arch } from '../../../../config/machine.ts';
import type { WantedImage } from '../../../../vm/pull/wanted.ts';
import { lockThere, openLock } from '../lock/lock-file.ts';
import { wantedByLock } from '../lock/wanted-locked.ts';
import type { KnownImages } from '../../../settings/images.ts';
import type { WebTools } from './tools.ts';
import { wantedByName } from './wanted.ts';

/** What images are known, and how they are to be proven. */
interface Known {
  readonly known: KnownImages;
  readonly insecure?: boolean;
  /** The file of the lock; undefined: the one in the directory that plow was started in. */
  readonly imagesLock?: string;
}

/** What `pull NAME` asks for, and `pull NAME@VERSION`, which a lock has. @throws PlowError */
export async function wantedNamed(
  name: string,
  arch: Arch,
  { known, insecure = false, imagesLock }: Known,
  { read }: Pick<WebTools, 'read'>,
): Promise<WantedImage> {
  if (name.includes('@')) return wantedByLock(name, lockThere(await openLock(imagesLock)), arch);
  return wantedByName(name, { ...known, arch, insecure, read });
}
