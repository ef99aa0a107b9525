import { isReason } from '../../errors/hypervisor-error.ts';
import { readPool } from '../../libvirt-xml/read/storage.ts';
import type { PoolFacts, VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import type { VmContext } from '../context.ts';
import type { Directories, DirectoryView, Missing } from './directories.ts';
import { allOf } from '../at-once.ts';
import { lookAt } from '../storage/find-volume.ts';
import type { SeenVolume } from '../storage/find-volume.ts';
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
        using view = new PoolView(pool, this.#context);
        const [, done] = await allOf([this.#know(path, pool), work(view)]);
        return done;
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

  async #know(path: string, pool: Pool): Promise<void> {
    if (!this.#known.has(path)) this.#known.set(path, readPool(await pool.xml()));
  }
}

/** A pool, as a directory that is looked at. Each volume is found once. */
export class PoolView implements DirectoryView, Disposable {
  readonly #pool: Pool;
  readonly #context: VmContext;
  readonly #seen = new Map<string, SeenVolume | undefined>();

  constructor(pool: Pool, context: VmContext) {
    this.#pool = pool;
    this.#context = context;
  }

  async entry(name: string): Promise<VolumeFacts | undefined> {
    const found = await lookAt(this.#pool, name, this.#context);
    this.#seen.get(name)?.[Symbol.dispose]();
    this.#seen.set(name, found);
    return found?.facts;
  }

  async head(name: string, mostBytes: number): Promise<Uint8Array | undefined> {
    const known = this.#seen.get(name);
    if (known !== undefined) return known.volume.head(mostBytes);
    using volume = await this.#pool.findVolume(name);
    return await volume?.head(mostBytes);
  }

  names(): Promise<readonly string[]> {
    return this.#pool.volumeNames();
  }

  [Symbol.dispose](): void {
    for (const found of this.#seen.values()) found?.[Symbol.dispose]();
  }
}
