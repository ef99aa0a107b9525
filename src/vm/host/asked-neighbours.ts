import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Neighbour } from '../../hypervisor/local.ts';

/** On a network an answer takes a millisecond; only to an address that is free nobody answers. */
const WITHIN_MS = 400;

/** An interface; without a bridge there is nobody to ask. */
export interface MayBeAsked {
  readonly address: string;
  readonly bridge?: string;
}

/** Somebody who has an address. */
export interface Answered {
  /** Of the interface that is to have it. */
  readonly index: number;
  readonly mac: string;
}

async function allOf(work: readonly Promise<void>[]): Promise<void> {
  await Promise.all(work);
}

/** Asks on the bridges of a machine who has its addresses, from its making on; others work meanwhile. */
export class AskedNeighbours {
  /** When all have answered, or the time is over. */
  readonly ended: Promise<void>;
  readonly #found = new Map<number, Neighbour>();
  readonly #taken = new Set<number>();

  constructor(interfaces: readonly MayBeAsked[], hypervisor: Pick<Hypervisor, 'askNeighbour'>) {
    const asking = interfaces.map(async ({ address, bridge }, index) => {
      if (bridge === undefined) return;
      this.#found.set(index, await hypervisor.askNeighbour(address, bridge, WITHIN_MS));
    });
    this.ended = allOf(asking);
    // Whoever waits for it hears of it; nobody may, where something else is wrong.
    this.ended.catch(() => {});
  }

  /** Who has answered since this was called before. */
  take(): readonly Answered[] {
    return [...this.#found].flatMap(([index, found]) => {
      if (found.found !== 'answers' || this.#taken.has(index)) return [];
      this.#taken.add(index);
      return [{ index, mac: found.mac }];
    });
  }

  /** Why nobody could be asked, or nothing be told, by interface. */
  get untold(): ReadonlyMap<number, Exclude<Neighbour['found'], 'answers' | 'silent'>> {
    const all = [...this.#found].flatMap(([index, { found }]) =>
      found === 'answers' || found === 'silent' ? [] : [[index, found] as const],
    );
    return new Map(all);
  }
}
