import { posix } from 'node:path';
import { isReason } from '../errors/hypervisor-error.ts';
import { readPool } from '../libvirt-xml/read-xml.ts';
import type { HostFacts, Permissions, PoolFacts } from '../libvirt-xml/read-xml.ts';
import type { VmContext } from './context.ts';
import type { Pool } from './hypervisor.ts';
import { withPoolOn } from './lent-pool.ts';
import { describePermissions, qemuAccess } from './qemu-access.ts';
import type { QemuUser } from './qemu-access.ts';
import { shellQuote } from './shell-quote.ts';
import { told } from './trouble.ts';
import type { Trouble } from './trouble.ts';

/** QEMU keeps files of its own below these, wherever libvirt is installed: nobody need look whether it can. */
const LIBVIRTS_OWN: ReadonlySet<string> = new Set(['/', '/var', '/var/lib', '/var/lib/libvirt']);

/** A directory that cannot be opened, and why. */
export type Missing = 'no-such-file' | 'not-a-directory';

/** What is known of the hypervisor's directories; each is looked at once. */
export class Directories {
  readonly #context: VmContext;
  readonly #known = new Map<string, PoolFacts | Missing>();

  constructor(context: VmContext) {
    this.#context = context;
  }

  /** Runs `work` on a directory's volumes, and remembers the directory. @returns why it cannot be opened */
  async visit<T>(path: string, work: (pool: Pool) => Promise<T>): Promise<T | Missing> {
    try {
      return await withPoolOn(path, this.#context, async (pool, isFresh) => {
        if (!isFresh) await refreshed(pool);
        if (!this.#known.has(path)) this.#known.set(path, readPool(await pool.xml()));
        return work(pool);
      });
    } catch (error) {
      for (const missing of ['no-such-file', 'not-a-directory'] as const) {
        if (!isReason(error, missing)) continue;
        this.#known.set(path, missing);
        return missing;
      }
      throw error;
    }
  }

  /** What is known of the directory, from now on asked once. */
  async facts(path: string): Promise<PoolFacts | Missing> {
    if (!this.#known.has(path)) await this.visit(path, async () => {});
    return this.#known.get(path) ?? 'no-such-file';
  }
}

/** A pool that was there before knows free space, modes and volumes as they once were; one that is busy keeps its word. */
async function refreshed(pool: Pool): Promise<void> {
  try {
    await pool.refresh();
  } catch (error) {
    if (!isReason(error, 'busy')) throw error;
  }
}

/** What keeps QEMU's user from passing through a directory and those above it, as far as it is certain. */
export async function impassable(
  directory: string,
  directories: Directories,
  { qemuUser }: Pick<HostFacts, 'qemuUser'>,
): Promise<Trouble | undefined> {
  if (qemuUser === undefined) return undefined;
  for (const path of ancestors(directory)) {
    const facts = LIBVIRTS_OWN.has(path) ? undefined : await directories.facts(path);
    const trouble = typeof facts === 'object' ? closedTo(qemuUser, path, facts.permissions) : undefined;
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}

/** Of one directory, as far as it is certain. */
export function closedTo(
  user: QemuUser,
  path: string,
  permissions: Permissions | undefined,
): Trouble | undefined {
  if (permissions === undefined || qemuAccess(user, permissions, 'search') !== 'no') return undefined;
  return {
    text: `QEMU's user (uid ${user.uid}) may not pass through ${path} (it has ${describePermissions(permissions)})`,
    repair: `chmod o+x ${shellQuote(path)}`,
  };
}

export async function whyImpassable(
  directory: string,
  directories: Directories,
  host: HostFacts,
): Promise<string | undefined> {
  const trouble = await impassable(directory, directories, host);
  return trouble && told(trouble);
}

/** Of a directory on a file system that plow's disks cannot be on. */
export function noDirectIo(directory: string): Trouble {
  return {
    text: `the file system of ${directory} does no direct I/O (O_DIRECT), which the disks of a VM need`,
    repair: 'use another (ext4, XFS, Btrfs, NFS; not tmpfs or ramfs)',
  };
}

/** Tells whether a directory is on such a file system, where that can be known. */
export async function whyNoDirectIo(
  directory: string,
  hypervisor: VmContext['hypervisor'],
): Promise<string | undefined> {
  return (await hypervisor.findFlaw(directory)) === 'no-direct-io' ? told(noDirectIo(directory)) : undefined;
}

/** `/a/b` gives `/`, `/a`, `/a/b`. */
function ancestors(path: string): readonly string[] {
  return path === '/' ? ['/'] : [...ancestors(posix.dirname(path)), path];
}
