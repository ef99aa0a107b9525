import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What lies on a server that is gone would keep whoever looks at it waiting for ever. */
const WITHIN_MS = 1000;
/** Each that hangs keeps a thread, and libvirt's calls need some as well. */
const AT_ONCE = 4;

/** What gave no answer so far. */
interface Hung {
  readonly directories: Set<string>;
  /** Threads that wait for it. */
  threads: number;
}

const HUNG = new WeakMap<object, Hung>();

/**
 * Asks something of this machine's files about each path. One that gives no answer in a second keeps its
 * place among the few, and nothing in its directory is asked for any more, now and in later calls.
 * @param owner who asks: it lives as long as that is remembered
 * @returns what was answered, by path; the others gave no answer
 */
export async function fewAtOnce<T>(
  owner: object,
  paths: readonly string[],
  look: (path: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const hung = HUNG.get(owner) ?? { directories: new Set<string>(), threads: 0 };
  HUNG.set(owner, hung);
  const answers = new Map<string, T>();
  // One of each directory tells whether it answers.
  const first = new Set(new Map(paths.toReversed().map((path) => [posix.dirname(path), path])).values());
  await ask([...first], look, hung, answers);
  await ask(
    paths.filter((path) => !first.has(path)),
    look,
    hung,
    answers,
  );
  return answers;
}

async function ask<T>(
  paths: readonly string[],
  look: (path: string) => Promise<T>,
  hung: Hung,
  answers: Map<string, T>,
): Promise<void> {
  const waiting = paths.values();
  const work = async (): Promise<void> => {
    for (const path of waiting) {
      if (hung.directories.has(posix.dirname(path))) continue;
      const looking = look(path);
      const answer = await within(
        WITHIN_MS,
        looking.then((value) => ({ value })),
      );
      if (answer === undefined) return remember(path, looking, hung);
      answers.set(path, answer.value);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE - hung.threads, paths.length) }, work));
}

/** Until it does answer. */
function remember(path: string, looking: Promise<unknown>, hung: Hung): void {
  const directory = posix.dirname(path);
  const forget = (): void => {
    hung.threads -= 1;
    hung.directories.delete(directory);
  };
  hung.threads += 1;
  hung.directories.add(directory);
  looking.then(forget, forget);
}

/** Undefined for what takes longer. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([work, sleep(milliseconds, undefined, { signal: done.signal })]);
  } finally {
    done.abort();
  }
}
