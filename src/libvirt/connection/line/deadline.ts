/**
 * Waits for `work`, but no longer than that.
 * @throws what `late` makes when the time is over; `work` goes on unseen
 */
export function withDeadline<T>(work: Promise<T>, milliseconds: number, late: () => Error): Promise<T> {
  return withWatchdog(() => work, milliseconds, late);
}

/** As withDeadline, for work in many parts: the time begins anew at each sign of life. */
export async function withWatchdog<T>(
  work: (isAlive: () => void) => Promise<T>,
  milliseconds: number,
  late: () => Error,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  const working = work(() => timer?.refresh());
  try {
    return await Promise.race([working, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
