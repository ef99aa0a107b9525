/** Consoles that are read at the same time: what was read of each is in memory meanwhile. */
const AT_ONCE = 16;

interface Turns {
  atWork: number;
  readonly waiting: (() => void)[];
}

const TURNS = new WeakMap<object, Turns>();

/** Does some work as soon as fewer than 16 others of the same owner are at it, first come, first served. */
export async function inTurn<T>(owner: object, work: () => Promise<T>): Promise<T> {
  const turns = TURNS.get(owner) ?? { atWork: 0, waiting: [] };
  TURNS.set(owner, turns);
  // Whoever ends hands its place on.
  if (turns.atWork < AT_ONCE) turns.atWork += 1;
  else await new Promise<void>((resolve) => turns.waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = turns.waiting.shift();
    if (next === undefined) turns.atWork -= 1;
    else next();
  }
}
