import { posix } from 'node:path';
import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import type { LibvirtPlaces } from '../../hypervisor/places.ts';
import { hasAutomaticFirmware, readNvramPath } from '../../libvirt-xml/read/firmware.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import type { VmContext } from '../context.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { shellQuote } from '../../text/shell-quote.ts';

/** Where libvirt makes NVRAM files by itself, for the system and for a user's session. */
const LIBVIRTS_DIRECTORY = /\/libvirt\/qemu\/nvram$/u;

export interface Nvram {
  readonly path: string;
  /** Why it is not deleted with its VM; undefined for one that is the VM's own. */
  readonly kept: string | undefined;
}

/** What a domain that does not run has not been given yet: libvirt chooses the path at each start. */
export function chosenByLibvirt(name: string, places: LibvirtPlaces | undefined): string | undefined {
  return places && `${places.nvram}/${name}_VARS.fd`;
}

/**
 * Whether libvirt made a file for the UEFI variables of a VM, which the document of one that is off need not
 * name.
 */
export function isNvramOf(name: string, path: string): boolean {
  return LIBVIRTS_DIRECTORY.test(posix.dirname(path)) && posix.basename(path).startsWith(`${name}_VARS.`);
}

/**
 * The UEFI variables of a VM. They are its own in its directory and where libvirt makes such files, unless
 * another VM uses the file as well: libvirt would delete whatever path the document names.
 */
export function findNvram(
  name: string,
  { stored, live }: { readonly stored: XmlElement; readonly live: XmlElement },
  directory: string,
  users: ReadonlyMap<string, string>,
  places: LibvirtPlaces | undefined,
): Nvram | undefined {
  const automatic = hasAutomaticFirmware(stored) ? chosenByLibvirt(name, places) : undefined;
  const path = readNvramPath(live) ?? readNvramPath(stored) ?? automatic;
  if (path === undefined) return undefined;
  const user = users.get(posix.normalize(path));
  if (user !== undefined) return { path, kept: `VM '${user}' uses it` };
  const parent = posix.dirname(posix.normalize(path));
  if (parent === directory) return { path, kept: undefined };
  if (!LIBVIRTS_DIRECTORY.test(parent)) return { path, kept: `not in the VM's directory ${directory}` };
  // libvirt calls it after the VM: under another name it may be that of one that is off, whose document names
  // none.
  const own = isNvramOf(name, posix.normalize(path));
  return { path, kept: own ? undefined : 'called after another VM' };
}

/** What there is to say of NVRAM after its VM was undefined: nothing, if it is gone. */
export async function whatIsLeft({ path }: Nvram, context: VmContext): Promise<string | undefined> {
  const { dir, base } = posix.parse(path);
  try {
    const left = await withPoolOn(dir, context, async (pool) => {
      using volume = await pool.findVolume(base);
      return volume !== undefined;
    });
    return left ? `left: ${path} (libvirt did not delete it: rm ${shellQuote(path)})` : undefined;
  } catch (error) {
    if (isReason(error, 'no-such-file')) return undefined;
    if (error instanceof HypervisorError) return `could not check that ${path} is gone`;
    throw error;
  }
}
