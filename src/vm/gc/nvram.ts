import { isReason } from '../../errors/hypervisor-error.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { unusedAmong } from '../ownership/remove-unused.ts';
import { withFreshLookOn } from '../storage/directory-pool.ts';
import { removeFile } from '../storage/remove-file.ts';
import { assertGone, NOBODY } from './directories.ts';
import { NOTHING_LEFT } from './garbage.ts';
import type { Fate, Garbage, Left } from './garbage.ts';

/** As libvirt calls them after their VM. */
const VARIABLES = /^(?<vm>.+)_VARS\.(?:fd|qcow2)$/u;

/**
 * UEFI variables of VMs that are gone. libvirt makes them for every VM: only what is called as one whose
 * directory is proven to be plow's counts as plow's.
 * @param proven names of VMs whose directories go @throws PlowError, HypervisorError
 */
export async function findNvrams(
  vms: ReadonlySet<string>,
  proven: ReadonlySet<string>,
  context: VmContext,
): Promise<readonly Garbage[]> {
  const directory = context.hypervisor.places?.nvram;
  if (directory === undefined) return [];
  const files = await filesThere(directory, context);
  const orphans = [...files].flatMap(([file, bytes]) => {
    const vm = VARIABLES.exec(file)?.groups?.['vm'];
    return vm === undefined || vms.has(vm) ? [] : [{ vm, path: `${directory}/${file}`, bytes }];
  });
  const { left } = await unusedAmong(
    NOBODY,
    orphans.map(({ path }) => path),
    context,
  );
  return orphans.map(({ vm, path, bytes }) => ({
    kind: 'nvram',
    what: path,
    bytes,
    why: `there is no VM '${vm}'`,
    fate: fateOf({ vm, path }, left.get(path), proven.has(vm), context),
  }));
}

function fateOf(
  { vm, path }: { readonly vm: string; readonly path: string },
  used: string | undefined,
  isProven: boolean,
  context: VmContext,
): Fate {
  if (used !== undefined) return { stays: used };
  if (!isProven)
    return { stays: `nothing proves that its VM was plow's: rm ${shellQuote(path)} if nobody needs it` };
  return { remove: () => removeNvram(vm, path, context) };
}

/** With what each takes up. None where there is no such directory. */
async function filesThere(directory: string, context: VmContext): Promise<ReadonlyMap<string, number>> {
  try {
    return await withFreshLookOn(directory, context, async (pool) => {
      const names = (await pool.volumeNames()).filter((name) => VARIABLES.test(name)).toSorted();
      const sizes = names.map(async (name): Promise<readonly [string, number]> => {
        using volume = await pool.findVolume(name);
        return [name, volume === undefined ? 0 : readVolume(await volume.xml()).allocationBytes];
      });
      return new Map(await Promise.all(sizes));
    });
  } catch (error) {
    if (isReason(error, 'no-such-file')) return new Map();
    throw error;
  }
}

async function removeNvram(vm: string, path: string, context: VmContext): Promise<Left> {
  const { left } = await unusedAmong(NOBODY, [path], context);
  if (left.size > 0) return left;
  // The document of one that is off need not name its file.
  await removeFile(path, context, () => assertGone(vm, context));
  return NOTHING_LEFT;
}
