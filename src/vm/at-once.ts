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
export async function allOf<T extends readonly unknown[]>(
  works: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<{ -readonly [K in keyof T]: T[K] }> {
  const ended = await Promise.allSettled(works);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return Promise.all(works) as Promise<{ -readonly [K in keyof T]: T[K] }>;
}
