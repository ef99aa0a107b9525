import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { PoolFacts, VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import type { DirectoryView, EarlyDirectories, Missing } from './directories.ts';
import type { LocalEntry, LocalFacts, LocalView } from '../../hypervisor/local.ts';
import type { Pool, Storage } from '../../hypervisor/storage.ts';
import { isElsewhere } from '../at-once.ts';
import { readQcow2Header } from '../image-format/qcow2-header.ts';

/**
 * Looks at the hypervisor's directories and changes nothing: with its own eyes where the hypervisor is this
 * machine, else through pools that are active anyway. Such a pool tells what was there when it was last
 * refreshed, which would be a change: of it counts only what libvirt looks at anew when it is asked, which is
 * a volume that it knows.
 */
export class VisibleDirectories implements EarlyDirectories {
  readonly unseen = new Map<string, string>();
  readonly #pools = new Map<string, Promise<Pool | undefined>>();
  readonly #hypervisor: LocalView & Storage;

  constructor(hypervisor: LocalView & Storage) {
    this.#hypervisor = hypervisor;
  }

  async lookEarly(path: string): Promise<void> {
    await this.#findPool(path).catch(() => undefined);
  }

  async visit<T>(path: string, work: (view: DirectoryView) => Promise<T>): Promise<T | Missing> {
    const { local } = this.#hypervisor;
    const seen = local === undefined ? 'unseen' : await local.look(path);
    if (seen === 'ENOENT') return 'no-such-file';
    if (typeof seen === 'object' && local !== undefined) {
      if (seen.type !== 'dir') return 'not-a-directory';
      const own = await unlessUnknown(work(ownView(path, local)));
      if (own !== 'unseen') return own;
    }
    const pool = await this.#findPool(path);
    const shown = pool === undefined ? 'unseen' : await unlessUnknown(work(poolView(pool)));
    return shown === 'unseen' ? this.#unseen(path, pool !== undefined) : shown;
  }

  async facts(path: string): Promise<PoolFacts | Missing> {
    const seen = await this.#hypervisor.local?.look(path);
    if (typeof seen === 'object') {
      if (seen.type !== 'dir') return 'not-a-directory';
      return { path, permissions: seen, availableBytes: seen.availableBytes };
    }
    if (seen === 'ENOENT') return 'no-such-file';
    const pool = await this.#findPool(path);
    return this.#unseen(path, pool !== undefined);
  }

  /** Elsewhere asked once for each, and kept until the connection closes. */
  #findPool(path: string): Promise<Pool | undefined> {
    if (!isElsewhere(this.#hypervisor)) return this.#hypervisor.findPoolByPath(path);
    const finding = this.#pools.get(path) ?? this.#hypervisor.findPoolByPath(path);
    this.#pools.set(path, finding);
    // Whoever needs it asks again where it failed.
    finding.catch(() => this.#pools.delete(path));
    return finding;
  }

  #unseen(path: string, hasPool: boolean): Missing {
    const why = hasPool ? `the pool on ${path} tells only what was there once` : `no pool shows ${path}`;
    this.unseen.set(path, why);
    return 'unseen';
  }
}

/**
 * A pool that has not looked for long cannot tell that a file is not there, nor can whoever may not look at
 * it.
 */
class NotKnown extends Error {}

async function unlessUnknown<T>(work: Promise<T>): Promise<T | 'unseen'> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NotKnown) return 'unseen';
    throw error;
  }
}

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

function poolView(pool: Pool): DirectoryView {
  return {
    entry: async (name) => {
      using volume = await pool.findVolume(name);
      if (volume === undefined) throw new NotKnown();
      try {
        return readVolume(await volume.xml());
      } catch (error) {
        if (isReason(error, 'no-such-file') || isReason(error, 'not-found')) return undefined;
        throw error;
      }
    },
    // A connection for looking gives no bytes.
    head: async () => undefined,
    names: () => pool.volumeNames(),
  };
}

function ownView(directory: string, local: LocalFacts): DirectoryView {
  return {
    entry: async (name) => {
      const path = posix.join(directory, name);
      const entry = await local.look(path);
      if (typeof entry === 'object') return factsOf(path, entry);
      if (ABSENT.has(entry)) return undefined;
      throw new NotKnown();
    },
    head: async (name, mostBytes) => {
      const entry = await local.look(posix.join(directory, name));
      return typeof entry === 'object' ? entry.head.subarray(0, mostBytes) : undefined;
    },
    names: () => local.names(directory),
  };
}

/** As libvirt tells it. A file that is no qcow2 image is a raw one to it as well, but for rarer formats. */
function factsOf(path: string, entry: LocalEntry): VolumeFacts {
  const header = readQcow2Header(entry.head);
  return {
    type: entry.type,
    path,
    format: header === undefined ? 'raw' : 'qcow2',
    backingPath: header?.backingPath,
    capacityBytes: header?.capacityBytes ?? entry.bytes,
    allocationBytes: entry.takenBytes,
    fileBytes: entry.bytes,
    permissions: entry,
    mark: undefined,
    writtenAt: undefined,
    changedAt: undefined,
  };
}
