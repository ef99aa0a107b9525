import { isReason } from '../../errors/hypervisor-error.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import type { VmContext } from '../context.ts';
import type { Pool, Volume } from '../../hypervisor/storage.ts';
import { whenIdle } from './when-idle.ts';

/** A volume as it is, to be disposed of. */
export interface SeenVolume extends Disposable {
  readonly volume: Volume;
  readonly facts: VolumeFacts;
}

/** A pool that was there before may know its directory as it once was. @throws HypervisorError */
export async function lookAt(pool: Pool, file: string, context: VmContext): Promise<SeenVolume | undefined> {
  const known = await pool.findVolume(file);
  const document = await known?.xml().catch((error: unknown) => {
    if (isReason(error, 'disconnected')) throw error;
    return undefined;
  });
  if (known !== undefined && document !== undefined) return seen(known, document);
  known?.[Symbol.dispose]();
  await whenIdle(pool, context, () => pool.refresh());
  const volume = await pool.findVolume(file);
  return volume && seen(volume, await volume.xml());
}

function seen(volume: Volume, document: string): SeenVolume {
  return { volume, facts: readVolume(document), [Symbol.dispose]: () => volume[Symbol.dispose]() };
}
