import { isReason } from '../errors/hypervisor-error.ts';
import { poolXml } from '../libvirt-xml/storage-xml.ts';
import { readPoolPath } from '../libvirt-xml/read-xml.ts';
import type { Hypervisor, Pool } from './hypervisor.ts';

/** Marks the pools that any plow may stop once it is done with them: one that was killed leaves its own behind. */
const LENT_PREFIX = 'plow-lent-';
/** How often other plows may take a pool away before that counts as an error. */
const TRIES = 10;

/** The pool on this directory, whether it is active or not. */
export async function findAnyPoolByPath(hypervisor: Hypervisor, path: string): Promise<Pool | undefined> {
  for (const pool of await hypervisor.listPools()) {
    if ((await pathOf(pool)) === path) return pool;
  }
  return undefined;
}

/** Undefined for a pool that went away since it was listed: other plows come and go. */
async function pathOf(pool: Pool): Promise<string | undefined> {
  try {
    return readPoolPath(await pool.xml());
  } catch (error) {
    if (isReason(error, 'not-found')) return undefined;
    throw error;
  }
}

/**
 * Lends pools on directories that plow only looks into. A pool that exists is used as it is, a stopped one
 * is started for the time, and where there is none a transient one is made: `giveBack` leaves all as it was.
 */
export class PoolLender {
  readonly #hypervisor: Hypervisor;
  readonly #newUuid: () => string;
  readonly #lent = new Map<string, Pool>();
  readonly #started: Pool[] = [];

  constructor(hypervisor: Hypervisor, newUuid: () => string) {
    this.#hypervisor = hypervisor;
    this.#newUuid = newUuid;
  }

  /**
   * Runs `work` with an active pool on `path`, and once more whenever another plow, done with the same pool,
   * stops it under our feet. @throws HypervisorError where the directory cannot be opened, or from `work`
   */
  async using<T>(path: string, work: (pool: Pool) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work(await this.#lend(path));
      } catch (error) {
        const lost =
          isReason(error, 'not-found') || isReason(error, 'already-exists') || isReason(error, 'busy');
        if (!lost || tries === TRIES) throw error;
        this.#lent.delete(path);
      }
    }
  }

  async #lend(path: string): Promise<Pool> {
    const pool = this.#lent.get(path) ?? (await this.#find(path)) ?? (await this.#open(path));
    this.#lent.set(path, pool);
    return pool;
  }

  async #find(path: string): Promise<Pool | undefined> {
    const pool = await this.#hypervisor.findPoolByPath(path);
    if (pool?.name.startsWith(LENT_PREFIX) === true) this.#started.push(pool);
    return pool;
  }

  /** One that does not stop keeps none of the others. @throws HypervisorError, the first */
  async giveBack(): Promise<void> {
    this.#lent.clear();
    const stopped = await Promise.allSettled(this.#started.splice(0).map((pool) => pool.stop()));
    const failed = stopped.find(
      (result) => result.status === 'rejected' && !isReason(result.reason, 'not-found'),
    );
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** libvirt refuses a second pool on one directory, and does not find a stopped one by its path. */
  async #open(path: string): Promise<Pool> {
    const uuid = this.#newUuid();
    const xml = poolXml({ name: `${LENT_PREFIX}${uuid}`, uuid, path });
    try {
      const pool = await this.#hypervisor.startPool(xml, { build: false });
      this.#started.push(pool);
      return pool;
    } catch (error) {
      if (!isReason(error, 'already-exists')) throw error;
      const existing = await findAnyPoolByPath(this.#hypervisor, path);
      if (existing === undefined) throw error;
      if (!(await existing.isActive())) {
        await existing.start();
        this.#started.push(existing);
      }
      return existing;
    }
  }
}
