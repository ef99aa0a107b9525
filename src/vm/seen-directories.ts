import { posix } from 'node:path';
import { readPool, readVolume } from '../libvirt-xml/read-xml.ts';
import type { PoolFacts, VolumeFacts } from '../libvirt-xml/read-xml.ts';
import type { Directories, DirectoryView, Missing } from './directories.ts';
import type { Hypervisor, LocalEntry, LocalFacts, Pool } from './hypervisor.ts';
import { readQcow2Header } from './qcow2-header.ts';

/**
 * Looks at the hypervisor's directories and changes nothing: with its own eyes where the hypervisor is this machine, else
 * through pools that are active anyway.
 */
export class SeenDirectories implements Directories {
  readonly #hypervisor: Hypervisor;

  constructor(hypervisor: Hypervisor) {
    this.#hypervisor = hypervisor;
  }

  async visit<T>(path: string, work: (view: DirectoryView) => Promise<T>): Promise<T | Missing> {
    const { local } = this.#hypervisor;
    const seen = local === undefined ? 'unseen' : await local.look(path);
    if (typeof seen === 'object' && local !== undefined) {
      return seen.type === 'dir' ? work(ownView(path, local)) : 'not-a-directory';
    }
    if (seen === 'ENOENT') return 'no-such-file';
    const pool = await this.#hypervisor.findPoolByPath(path);
    return pool === undefined ? 'unseen' : work(poolView(pool));
  }

  async facts(path: string): Promise<PoolFacts | Missing> {
    const seen = await this.#hypervisor.local?.look(path);
    if (typeof seen === 'object') {
      if (seen.type !== 'dir') return 'not-a-directory';
      return { path, permissions: seen, availableBytes: seen.availableBytes };
    }
    if (seen === 'ENOENT') return 'no-such-file';
    const pool = await this.#hypervisor.findPoolByPath(path);
    return pool === undefined ? 'unseen' : readPool(await pool.xml());
  }
}

function poolView(pool: Pool): DirectoryView {
  return {
    entry: async (name) => {
      const volume = await pool.findVolume(name);
      return volume && readVolume(await volume.xml());
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
      return typeof entry === 'string' ? undefined : factsOf(path, entry);
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
    permissions: entry,
  };
}
