import { isReason } from '../errors/hypervisor-error.ts';
import { poolXml } from '../libvirt-xml/storage-xml.ts';
import { readPoolPath } from '../libvirt-xml/read-xml.ts';
import type { Hypervisor, Pool } from './hypervisor.ts';

/** The pool on this directory, whether it is active or not. */
export async function findAnyPoolByPath(hypervisor: Hypervisor, path: string): Promise<Pool | undefined> {
  for (const pool of await hypervisor.listPools()) {
    if (readPoolPath(await pool.xml()) === path) return pool;
  }
  return undefined;
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

  /** An active pool on `path`. @throws HypervisorError where the directory cannot be opened */
  async lend(path: string): Promise<Pool> {
    const pool =
      this.#lent.get(path) ?? (await this.#hypervisor.findPoolByPath(path)) ?? (await this.#open(path));
    this.#lent.set(path, pool);
    return pool;
  }

  async giveBack(): Promise<void> {
    this.#lent.clear();
    for (const pool of this.#started.splice(0)) await pool.stop();
  }

  /** libvirt refuses a second pool on one directory, and does not find a stopped one by its path. */
  async #open(path: string): Promise<Pool> {
    const uuid = this.#newUuid();
    const xml = poolXml({ name: `plow-${uuid}`, uuid, path });
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
