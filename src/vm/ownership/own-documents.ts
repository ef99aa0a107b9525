import { isReason } from '../../errors/hypervisor-error.ts';
import type { LocalFacts } from '../../hypervisor/local.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';

/** Longer documents are not looked at. */
const MOST_BYTES = 256 * 1024;

/** Why such a file goes with its VM. */
export const OWN_DOCUMENT = 'a libvirt document of this very VM';

interface Vm {
  readonly name: string;
  readonly uuid: string;
}

/** Whether a text is the document of that VM, as tools leave it beside the disks. It may lack a UUID. */
function isOwnDocument(text: string, { name, uuid }: Vm): boolean {
  const root = parseIfPossible(text);
  if (root?.name !== 'domain' || root.first('name')?.text().trim() !== name) return false;
  const own = root.first('uuid')?.text().trim();
  return own === undefined || own.toLowerCase() === uuid;
}

/**
 * Which of the files in a directory of a VM's own are such documents, by what is in them.
 * @throws HypervisorError where the connection broke: what cannot be read otherwise is none
 */
export async function ownDocumentsIn(
  pool: Pool,
  names: readonly string[],
  vm: Vm,
): Promise<readonly string[]> {
  const own: string[] = [];
  for (const name of names.filter(isCalledSo)) {
    try {
      using volume = await pool.findVolume(name);
      // The error of a stream from anything but a file may break the connection.
      if (volume === undefined || readVolume(await volume.xml()).type !== 'file') continue;
      const bytes = await volume.download(MOST_BYTES);
      if (bytes !== undefined && isOwnDocument(new TextDecoder().decode(bytes), vm)) own.push(name);
    } catch (error) {
      if (isReason(error, 'disconnected')) throw error;
    }
  }
  return own;
}

/** The same of a directory of this machine. */
export async function ownDocumentsHere(
  directory: string,
  names: readonly string[],
  vm: Vm,
  local: LocalFacts,
): Promise<readonly string[]> {
  const own: string[] = [];
  for (const name of names.filter(isCalledSo)) {
    const path = `${directory}/${name}`;
    const entry = await local.look(path);
    if (typeof entry === 'string' || entry.type !== 'file' || entry.bytes > MOST_BYTES) continue;
    const text = await local.read(path);
    if (text !== undefined && isOwnDocument(text, vm)) own.push(name);
  }
  return own;
}

function isCalledSo(name: string): boolean {
  return name.endsWith('.xml');
}
