import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { volumeXml } from '../../libvirt-xml/write/storage.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import type { LibvirtPlaces } from '../../hypervisor/places.ts';
import { chosenByLibvirt, isNvramOf } from '../ownership/nvram.ts';
import type { OnFailure } from '../rollback.ts';
import type { SnapshotVm } from '../snapshot/look.ts';
import { findVariables, keptVariables } from '../snapshot/nvram.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { lookAt } from '../storage/find-volume.ts';
import { removeFile } from '../storage/remove-file.ts';

/**
 * The UEFI variables of a source, or of its snapshot, which name what it starts from; undefined where it has
 * none, or none yet. @throws PlowError, HypervisorError
 */
export async function variablesOf(
  vm: SnapshotVm,
  snapshot: string | undefined,
  context: VmContext,
): Promise<Uint8Array | undefined> {
  const { nvram, directory } = vm;
  if (nvram === undefined) return undefined;
  if (snapshot !== undefined) return withPoolOn(directory, context, (pool) => keptVariables(snapshot, pool));
  try {
    return (await findVariables(vm, nvram, context))?.bytes;
  } catch (error) {
    if (isReason(error, 'no-such-file')) return undefined;
    throw error;
  }
}

/**
 * Where libvirt looks for the variables of a clone, which begins with those of the source.
 * @throws PlowError (operation)
 */
export function nvramOfClone(
  name: string,
  { name: source, nvram }: SnapshotVm,
  places: LibvirtPlaces | undefined,
): string {
  if (nvram === undefined || !isNvramOf(source, nvram)) {
    const usual = chosenByLibvirt(name, places);
    if (usual !== undefined) return usual;
    throw new PlowError('operation', 'where that session keeps UEFI variables is not known here', {
      hint: 'run plow clone on the hypervisor itself, as the user whose session it is',
    });
  }
  return posix.join(
    posix.dirname(nvram),
    posix.basename(nvram).replace(source, () => name),
  );
}

/** Writes variables where no file may be yet. @throws PlowError (storage), HypervisorError */
export async function writeNvram(
  path: string,
  bytes: Uint8Array,
  context: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  const { dir, base: name } = posix.parse(path);
  await withPoolOn(dir, context, async (pool) => {
    using found = await lookAt(pool, name, context);
    if (found !== undefined) {
      throw new PlowError('storage', `${path} is there already: the UEFI variables of a VM that is gone`, {
        hint: `rm ${shellQuote(path)} if nobody needs them`,
      });
    }
    using volume = await pool.createVolume(volumeXml({ name, format: 'raw', capacityBytes: bytes.length }));
    onFailure(path, () => removeFile(path, context));
    await volume.upload(bytes);
  });
}
