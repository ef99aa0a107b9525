import type { Arch } from '../../../../config/machine.ts';
import type { WantedImage } from '../../../../vm/pull/wanted.ts';
import { lockThere, openLock } from '../lock/lock-file.ts';
import { wantedByLock } from '../lock/wanted-locked.ts';
import type { PullWish } from '../pull.ts';
import type { WebTools } from './tools.ts';
import { wantedByName } from './wanted.ts';

/** What `pull NAME` asks for, and `pull NAME@VERSION`, which a lock has. @throws PlowError */
export async function wantedNamed(
  name: string,
  arch: Arch,
  { known, insecure = false, imagesLock }: PullWish,
  { read }: Pick<WebTools, 'read'>,
): Promise<WantedImage> {
  if (name.includes('@')) return wantedByLock(name, lockThere(await openLock(imagesLock)), arch);
  return wantedByName(name, { ...known, arch, insecure, read });
}
