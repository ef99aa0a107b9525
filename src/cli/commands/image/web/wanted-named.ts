import type { Arch } from '../../../../config/machine.ts';
import { PlowError } from '../../../../errors/plow-error.ts';
import { catalogOf } from '../../../../images/catalog/from-settings.ts';
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
  if (name.includes('@')) {
    if (insecure) throw new PlowError('config', `--insecure does not go with ${name}: a lock has its digest`);
    const wanted = wantedByLock(name, lockThere(await openLock(imagesLock)), arch);
    const entry = catalogOf(known.images).find((one) => one.name === wanted.name);
    return { ...wanted, needs: entry?.needs };
  }
  if (imagesLock !== undefined)
    throw new PlowError('config', '--images-lock goes with NAME@VERSION: of a name the newest is pulled');
  return wantedByName(name, { ...known, arch, insecure, read });
}
