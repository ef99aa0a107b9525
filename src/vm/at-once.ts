import type { LocalView } from '../hypervisor/local.ts';

/**
 * On a hypervisor elsewhere every answer takes its time, and what does not wait for another is asked at the
 * same time. On this machine a connection answers one question after the other anyway.
 */
export function isElsewhere({ local }: Pick<LocalView, 'local'>): boolean {
  return local === undefined;
}

/**
 * As Promise.all, but no sooner than all have ended, so that nothing goes on unseen. @throws the error of the
 * first that failed, by their order
 */
export async function allOf<T extends readonly Promise<unknown>[] | []>(
  works: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const ended = await Promise.allSettled(works);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return Promise.all(works);
}

/** What comes of `work`, no sooner than the other has ended as well, whatever comes of that. */
export async function endingWith<T>(other: Promise<unknown>, work: Promise<T>): Promise<T> {
  const [done] = await allOf([work, other.catch(() => undefined)]);
  return done;
}
