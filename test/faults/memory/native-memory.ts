import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import koffi from 'koffi';

const COUNTERS = 'arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost'.split(' ');

/**
 * https://man7.org/linux/man-pages/man3/mallinfo.3.html; in spite of what it says, glibc sums up all arenas.
 */
const MALLINFO = koffi.struct('mallinfo2', Object.fromEntries(COUNTERS.map((name) => [name, 'size_t'])));
const mallinfo2 = koffi.load(null).func('mallinfo2', MALLINFO, []) as () => Record<
  'uordblks' | 'hblkhd',
  number
>;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Bytes. Without a leak less than 10,000 were measured, mostly less than 3,000. The least that malloc gives
 * takes 32, so that whatever is done 450 times in a round cannot leak at all.
 */
export const LEAK_PER_ROUND = 14_000;

const ROUNDS = 5;

/** Counts of bytes. */
export type Memory = {
  /** What malloc gave out and did not get back: a leak in C adds to it to the byte, and little else does. */
  readonly malloc: number;
  /** What JavaScript's own objects take. */
  readonly heap: number;
  readonly resident: number;
};

/** Memory in use once everything that can be collected is. */
export async function measureMemory(): Promise<Memory> {
  // Finalizers run in a turn of the event loop after the collection, and let go of more.
  for (let pass = 0; pass < 3; pass += 1) {
    collectGarbage();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  const { uordblks, hblkhd } = mallinfo2();
  const { heapUsed, rss } = process.memoryUsage();
  return { malloc: uordblks + hblkhd, heap: heapUsed, resident: rss };
}

export function growth(before: Memory, after: Memory): Memory {
  return {
    malloc: after.malloc - before.malloc,
    heap: after.heap - before.heap,
    resident: after.resident - before.resident,
  };
}

/**
 * By how many bytes `work`, which has run before, makes each kind of memory grow: the median of some rounds.
 * What looks like a leak is measured again: V8 takes memory whenever it likes, but a leak never ends.
 */
export async function growthPerRound(work: () => Promise<unknown>): Promise<Memory> {
  let grown = await medianGrowth(work);
  for (let again = 0; again < 4 && grown.malloc >= LEAK_PER_ROUND; again += 1)
    grown = await medianGrowth(work);
  return grown;
}

async function medianGrowth(work: () => Promise<unknown>): Promise<Memory> {
  const grown: Memory[] = [];
  for (let before = await measureMemory(); grown.length < ROUNDS;) {
    await work();
    const after = await measureMemory();
    grown.push(growth(before, after));
    before = after;
  }
  const median = (kind: keyof Memory): number =>
    grown.map((each) => each[kind]).toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
  return { malloc: median('malloc'), heap: median('heap'), resident: median('resident') };
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(3)} MiB`;

/** For a log. */
export function inWords({ malloc, heap, resident }: Memory): string {
  return `malloc ${mib(malloc)}, heap ${mib(heap)}, resident ${mib(resident)}`;
}
