import { isReason } from '../../errors/hypervisor-error.ts';
import { readPool } from '../../libvirt-xml/read/storage.ts';
import type { PoolFacts } from '../../libvirt-xml/read/storage.ts';
import type { VmContext } from '../context.ts';
import type { Directories, DirectoryView, Missing } from './directories.ts';
import { lookAt } from '../storage/find-volume.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { withFreshPoolOn } from '../storage/directory-pool.ts';

/** Looks at the hypervisor's directories through pools, which it lends where there are none. */
export class PoolDirectories implements Directories {
  /** A temporary pool shows all of them. */
  readonly unseen: ReadonlyMap<string, string> = new Map();
  readonly #context: VmContext;
  readonly #known = new Map<string, PoolFacts | Missing>();

  constructor(context: VmContext) {
    this.#context = context;
  }

  async visit<T>(path: string, work: (view: DirectoryView) => Promise<T>): Promise<T | Missing> {
    try {
      return await withFreshPoolOn(path, this.#context, async (pool) => {
        if (!this.#known.has(path)) this.#known.set(path, readPool(await pool.xml()));
        return work(viewOf(pool, this.#context));
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

  async facts(path: string): Promise<PoolFacts | Missing> {
    if (!this.#known.has(path)) await this.visit(path, async () => {});
    return this.#known.get(path) ?? 'no-such-file';
  }
}

/** A pool, as a directory that is looked at. */
export function viewOf(pool: Pool, context: VmContext): DirectoryView {
  return {
    entry: async (name) => {
      using found = await lookAt(pool, name, context);
      return found?.facts;
    },
    head: async (name, mostBytes) => {
      using volume = await pool.findVolume(name);
      return await volume?.head(mostBytes);
    },
    names: () => pool.volumeNames(),
  };
}
