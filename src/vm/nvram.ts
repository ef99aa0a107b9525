import { posix } from 'node:path';
import { HypervisorError } from '../errors/hypervisor-error.ts';
import { hasAutomaticFirmware, readNvramPath } from '../libvirt-xml/read-xml.ts';
import type { VmContext } from './context.ts';
import { withPoolOn } from './lent-pool.ts';

/** Where libvirt makes NVRAM files by itself, for the system and for a user's session. */
const LIBVIRTS_DIRECTORY = /\/libvirt\/qemu\/nvram$/u;

export interface Nvram {
  readonly path: string;
  /** Why it is not deleted with its VM; undefined for one that is the VM's own. */
  readonly kept: string | undefined;
}

/** What a domain that does not run has not been given yet: libvirt chooses the path at each start. */
function chosenByLibvirt(name: string): string {
  return `/var/lib/libvirt/qemu/nvram/${name}_VARS.fd`;
}

/**
 * The UEFI variables of a VM. They are its own in its directory and where libvirt makes such files, unless another VM
 * uses the file as well: libvirt would delete whatever path the document names.
 */
export function findNvram(
  name: string,
  { stored, live }: { readonly stored: string; readonly live: string },
  directory: string,
  users: ReadonlyMap<string, string>,
): Nvram | undefined {
  const automatic = hasAutomaticFirmware(stored) ? chosenByLibvirt(name) : undefined;
  const path = readNvramPath(live) ?? readNvramPath(stored) ?? automatic;
  if (path === undefined) return undefined;
  const user = users.get(path);
  if (user !== undefined) return { path, kept: `VM '${user}' uses it` };
  const parent = posix.dirname(posix.normalize(path));
  const own = parent === directory || LIBVIRTS_DIRECTORY.test(parent);
  return { path, kept: own ? undefined : `not in the VM's directory ${directory}` };
}

/** Whether a file is there; a hypervisor that cannot tell is taken at its word that it is not. */
export async function stillThere(path: string, context: VmContext): Promise<boolean> {
  const { dir, base } = posix.parse(path);
  try {
    return await withPoolOn(dir, context, async (pool) => (await pool.findVolume(base)) !== undefined);
  } catch (error) {
    if (error instanceof HypervisorError) return false;
    throw error;
  }
}
