import { posix } from 'node:path';
import { nvramCopyFile } from '../../config/vm-paths.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool, Volume } from '../../hypervisor/storage.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import { volumeXml } from '../../libvirt-xml/write/storage.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { isNvramOf } from '../ownership/nvram.ts';
import type { OnFailure } from '../rollback.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import type { SnapshotVm } from './look.ts';

/** More than any firmware keeps: 64 MiB are those of aarch64, half a MiB or so those of x86_64. */
const MOST_BYTES = 2 ** 27;

/** UEFI variables, and what changes with each write of the guest. */
export interface Variables {
  readonly bytes: Uint8Array;
  readonly mark: string | undefined;
}

/** @throws PlowError for a file that is not the VM's own, is missing, or cannot be one; HypervisorError */
export async function readVariables(vm: SnapshotVm, path: string, context: VmContext): Promise<Variables> {
  const { name } = vm;
  const found = await findVariables(vm, path, context);
  if (found === undefined) {
    throw new PlowError('operation', `the UEFI variables of VM '${name}' are not there: ${path}`, {
      hint: `libvirt makes them at the first start: plow start ${shellArgument(name)}`,
    });
  }
  return found;
}

/** As readVariables; undefined where there are none, as of a VM that was never started. */
export async function findVariables(
  vm: SnapshotVm,
  path: string,
  context: VmContext,
): Promise<Variables | undefined> {
  refuseOthers(vm, path);
  const { dir, base } = posix.parse(path);
  const found = await withPoolOn(dir, context, async (pool) => {
    using volume = await lookedUp(pool, base);
    if (volume === undefined) return undefined;
    const { mark } = readVolume(await volume.xml());
    return { mark, bytes: await volume.download(MOST_BYTES) };
  });
  if (found === undefined) return undefined;
  const { bytes, mark } = found;
  if (bytes === undefined) throw new PlowError('storage', `${path} is too large for UEFI variables`);
  return { bytes, mark };
}

/** What libvirt would delete with the domain may lie anywhere; plow reads and writes the VM's own only. */
function refuseOthers({ name, directory }: SnapshotVm, path: string): void {
  if (posix.normalize(path) === path && (posix.dirname(path) === directory || isNvramOf(name, path))) return;
  throw new PlowError('operation', `the UEFI variables of VM '${name}' are not its own: ${path}`);
}

/** A pool that was there before may not know a file that is new. */
async function lookedUp(pool: Pool, file: string): Promise<Volume | undefined> {
  const known = await pool.findVolume(file);
  if (known !== undefined) return known;
  await pool.refresh();
  return pool.findVolume(file);
}

/** Writes the copy of a snapshot into the VM's directory. @throws HypervisorError */
export async function keepVariables(
  bytes: Uint8Array,
  snapshot: string,
  pool: Pool,
  onFailure: OnFailure,
): Promise<void> {
  const name = nvramCopyFile(snapshot);
  // Of a snapshot that was forgotten, or never taken.
  using stale = await pool.findVolume(name);
  await stale?.delete();
  const volume = await pool.createVolume(volumeXml({ name, format: 'raw', capacityBytes: bytes.length }));
  onFailure(`volume ${name}`, () => volume.delete());
  await volume.upload(bytes);
}

/** The copy of a snapshot. @throws PlowError, HypervisorError */
export async function keptVariables(snapshot: string, pool: Pool): Promise<Uint8Array> {
  const name = nvramCopyFile(snapshot);
  using volume = await pool.findVolume(name);
  const bytes = await volume?.download(MOST_BYTES);
  if (bytes === undefined) throw new PlowError('storage', `cannot read ${name}`);
  return bytes;
}

/** Writes over the UEFI variables of a VM that is off. @throws HypervisorError */
export async function writeVariables(path: string, bytes: Uint8Array, context: VmContext): Promise<void> {
  const { dir, base } = posix.parse(path);
  await withPoolOn(dir, context, async (pool) => {
    const document = volumeXml({ name: base, format: 'raw', capacityBytes: bytes.length });
    using volume = (await lookedUp(pool, base)) ?? (await pool.createVolume(document));
    await volume.upload(bytes);
  });
}
