import { setTimeout as sleep } from 'node:timers/promises';

/** What lies on a server that is gone would keep whoever looks at it waiting for ever. */
const WITHIN_MS = 1000;
/** Each that hangs keeps a thread for good, and libvirt's calls need some as well. */
const AT_ONCE = 4;

/**
 * Asks something of this machine's files about each path. One that gives no answer in a second takes its place among the few
 * with it, so that all of it ends soon after the last answer. @returns what was answered, by path
 */
export async function fewAtOnce<T>(
  paths: readonly string[],
  look: (path: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const answers = new Map<string, T>();
  const waiting = paths.values();
  const work = async (): Promise<void> => {
    for (const path of waiting) {
      const answer = await within(look(path));
      if (answer === undefined) return;
      answers.set(path, answer.value);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, paths.length) }, work));
  return answers;
}

async function within<T>(work: Promise<T>): Promise<{ readonly value: T } | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([
      work.then((value) => ({ value })),
      sleep(WITHIN_MS, undefined, { signal: done.signal }),
    ]);
  } finally {
    done.abort();
  }
}
