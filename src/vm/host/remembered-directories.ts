import type { PoolFacts, VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import type { Directories, DirectoryView, EarlyDirectories, Missing } from './directories.ts';

const MISSING: readonly Missing[] = ['no-such-file', 'not-a-directory', 'unseen'];

/** What was seen of a directory; undefined: nobody has asked yet. */
interface Seen {
  readonly missing: Missing | undefined;
  readonly entries: Map<string, VolumeFacts | undefined>;
  readonly heads: Map<string, Uint8Array | undefined>;
  names: readonly string[] | undefined;
}

/**
 * Looks into each directory once, for checks of one or of many files at one time: their images are the same,
 * and so is the storage path. Of directories that tell for certain what is not there: through others,
 * `unseen` would become that.
 */
export class RememberedDirectories implements EarlyDirectories {
  readonly #directories: Directories;
  readonly #early = new Map<string, Promise<void>>();
  readonly #seen = new Map<string, Seen>();

  constructor(directories: Directories) {
    this.#directories = directories;
  }

  get unseen(): ReadonlyMap<string, string> {
    return this.#directories.unseen;
  }

  lookEarly(path: string, work?: (view: DirectoryView) => Promise<unknown>): Promise<void> {
    const before = this.#early.get(path);
    if (before !== undefined) return before;
    const looking = work === undefined ? this.#directories.facts(path) : this.#look(path, work);
    // Who asks for it asks again where it failed.
    const ended = Promise.allSettled([looking]).then(noValue);
    this.#early.set(path, ended);
    return ended;
  }

  async facts(path: string): Promise<PoolFacts | Missing> {
    await this.#early.get(path);
    return this.#directories.facts(path);
  }

  async visit<T>(path: string, work: (view: DirectoryView) => Promise<T>): Promise<T | Missing> {
    await this.#early.get(path);
    return this.#look(path, work);
  }

  async #look<T>(path: string, work: (view: DirectoryView) => Promise<T>): Promise<T | Missing> {
    const known = this.#seen.get(path);
    if (known?.missing !== undefined) return known.missing;
    if (known !== undefined) return work(this.#recalled(path, known));
    const seen: Seen = { missing: undefined, entries: new Map(), heads: new Map(), names: undefined };
    const result = await this.#directories.visit(path, async (view) => {
      this.#seen.set(path, seen);
      const done = await work(noting(view, seen));
      // A call now, instead of another look at whatever is asked for next.
      seen.names ??= await view.names();
      return done;
    });
    // Never visited: the answer says why.
    const missing = MISSING.find((one) => one === result);
    if (!this.#seen.has(path)) this.#seen.set(path, { ...seen, missing });
    return result;
  }

  /** What is not known yet is looked at anew; that something is not there, one look at all names tells. */
  #recalled(path: string, seen: Seen): DirectoryView {
    const look = <T>(ask: (view: DirectoryView) => Promise<T>): Promise<T | Missing> =>
      this.#directories.visit(path, (view) => ask(noting(view, seen)));
    const names = async (): Promise<readonly string[]> => {
      if (seen.names === undefined) await look((view) => view.names());
      return seen.names ?? [];
    };
    return {
      names,
      entry: async (name) => {
        if (!seen.entries.has(name) && (await names()).includes(name)) await look((view) => view.entry(name));
        return seen.entries.get(name);
      },
      head: async (name, mostBytes) => {
        if (!seen.heads.has(name)) await look((view) => view.head(name, mostBytes));
        return seen.heads.get(name);
      },
    };
  }
}

function noValue(): undefined {
  return undefined;
}

function noting(view: DirectoryView, seen: Seen): DirectoryView {
  return {
    entry: async (name) => {
      const facts = await view.entry(name);
      seen.entries.set(name, facts);
      return facts;
    },
    head: async (name, mostBytes) => {
      const bytes = await view.head(name, mostBytes);
      seen.heads.set(name, bytes);
      return bytes;
    },
    names: async () => {
      seen.names = await view.names();
      return seen.names;
    },
  };
}
