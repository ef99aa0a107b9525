import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { FileLook, Unreadable } from '../files/look.ts';
import { OpenFile } from '../files/open-file.ts';
import { followed, isBelow, isOwnDescriptor, leadsOut } from '../files/links.ts';
import { orProblem, Timeouts, readInput, readLooked } from '../files/read-text.ts';
import type { Problem, Reading } from '../files/read-text.ts';
import { ImageLocks } from '../images-lock/locks.ts';
import { STANDARD_INPUT } from './files.ts';
import { whyNoSecret } from './secret-file.ts';

/** For the files that one VM file names, and for those of all VM files of a run. */
const MOST_FILES = 64;
const MIB = 2 ** 20;
const MOST_NAMED_BYTES = MIB;
const MOST_BYTES_OF_RUN = 16 * MIB;

const OUTSIDE =
  "is not below this file's own directory (--allow-outside-files reads it, file_roots in the settings allows a directory)";

/** What may be read besides files below a VM file's own directory. */
export interface AllowedFiles {
  /** Whatever VM files name, and the text of those that links lead to may be shown. */
  readonly anywhere?: boolean;
  /** Directories, absolute or below `~/`. */
  readonly roots?: readonly string[];
  /** Base images of this machine, which are brought to the hypervisor. */
  readonly images?: boolean;
  /** The lock of the images that they name, in place of those beside them. */
  readonly imagesLock?: string | undefined;
  /** Values in place of what the files say, as `path=value`. */
  readonly set?: readonly string[] | undefined;
}

/** The text of a VM file. */
export interface VmFileText {
  readonly text: string;
  /** A link leads to it out of the directory in which it was named: nothing of the text may be told. */
  readonly isWithheld: boolean;
}

/** What a file is named for: keys need not be hidden from anybody, and a secret has to be. */
export type Use = 'keys' | 'document' | 'secret';

/** A directory that files may be read from, as it is written and as it is. */
interface Root {
  readonly written: string;
  readonly real: string;
}

/**
 * Reads VM files and the files that they name: one for each run, as all of them have one budget of time and
 * bytes.
 */
export class VmFileReader {
  /** Which builds names of images mean. */
  readonly locks: ImageLocks;
  readonly #allowed: AllowedFiles;
  readonly #patience = new Timeouts();
  /** VM files by how they are called: what comes through a pipe comes once. */
  readonly #read = new Map<string, Promise<VmFileText | Problem>>();
  /** By where they are. */
  readonly #named = new Map<string, Reading>();
  #bytes = 0;

  constructor(allowed: AllowedFiles = {}) {
    this.#allowed = allowed;
    this.locks = new ImageLocks(allowed.imagesLock);
  }

  /** Reads a VM file that somebody named, once, also a pipe, and `-` for standard input. */
  read(file: string): Promise<VmFileText | Problem> {
    const read = this.#read.get(file) ?? this.#readNow(file);
    this.#read.set(file, read);
    return read;
  }

  /** Values in place of what VM files say, as `path=value`. */
  get settings(): readonly string[] {
    return this.#allowed.set ?? [];
  }

  /** Whether VM files may name base images of this machine. */
  get bringsImages(): boolean {
    return this.#allowed.images === true;
  }

  async #readNow(file: string): Promise<VmFileText | Problem> {
    return orProblem(async () => {
      if (file === STANDARD_INPUT) return { text: await readInput(this.#patience), isWithheld: false };
      const look = new FileLook(file);
      try {
        const text = await readLooked(look, this.#patience);
        return { text, isWithheld: this.#allowed.anywhere !== true && leadsOut(file, look.realPath) };
      } finally {
        look.close();
      }
    });
  }

  /** For the files that one VM file names. @param file its own path */
  namedBy(file: string): NamedFiles {
    const vmFile = isOwnDescriptor(file) ? undefined : resolve(file);
    const directory = directoryOf(file);
    const roots = [directory, ...(this.#allowed.roots ?? []).map((root) => expanded('/', root))];
    return new NamedFiles(
      { directory, vmFile },
      this.#allowed.anywhere === true ? undefined : roots.map(toRoot),
      (look) => this.#readNamed(look),
    );
  }

  /** Each file once, under however many names. */
  async #readNamed(look: FileLook): Promise<Reading> {
    const known = this.#named.get(look.realPath);
    if (known !== undefined) return known;
    const reading = await orProblem(async () => {
      if (this.#bytes > MOST_BYTES_OF_RUN) {
        throw new Unreadable(`these files name more than ${MOST_BYTES_OF_RUN / MIB} MiB in all`);
      }
      return { text: (await readLooked(look, this.#patience)).replace(/^\uFEFF/u, '') };
    });
    this.#bytes += sizeOf(reading);
    this.#named.set(look.realPath, reading);
    return reading;
  }
}

interface Base {
  readonly text: string;
  /** Links followed. */
  readonly realPath: string;
}

/** The files that one VM file names. */
export class NamedFiles {
  /** Undefined: it came through a pipe. */
  readonly #vmFile: string | undefined;
  readonly #directory: string;
  /** Undefined: anywhere. */
  readonly #roots: readonly Root[] | undefined;
  readonly #read: (look: FileLook) => Promise<Reading>;
  readonly #seen = new Set<string>();
  #bytes = 0;

  constructor(
    { directory, vmFile }: { readonly directory: string; readonly vmFile: string | undefined },
    roots: readonly Root[] | undefined,
    read: (look: FileLook) => Promise<Reading>,
  ) {
    this.#vmFile = vmFile;
    this.#directory = directory;
    this.#roots = roots;
    this.#read = read;
  }

  /** @param path as it is written: relative to the directory of the VM file, or below `~/` */
  async text(path: string, use: Use): Promise<string | { readonly problem: string }> {
    const reading = await this.#looked(path, use, (look) => this.#counted(look));
    return 'text' in reading ? reading.text : reading;
  }

  /** The text of a file that values are taken from, and where it is. @param path as text has it */
  async base(path: string): Promise<Base | { readonly problem: string }> {
    return this.#looked(path, 'document', async (look) => {
      const reading = await this.#counted(look);
      return 'text' in reading ? { text: reading.text, realPath: look.realPath } : reading;
    });
  }

  /** As text, a file of any length and content, to be read later. */
  async open(path: string): Promise<OpenFile | { readonly problem: string }> {
    return this.#looked(path, 'document', async (look) => new OpenFile(look.open(), path));
  }

  /** Works on a file that may be named, as far as it may. */
  async #looked<T extends object>(
    path: string,
    use: Use,
    work: (look: FileLook) => Promise<T>,
  ): Promise<T | { readonly problem: string }> {
    const place = expanded(this.#directory, path);
    const isOwnKey = use === 'keys' && isPublicKeyOfUser(place);
    const mayBe = (test: (root: Root) => boolean): boolean =>
      isOwnKey || this.#roots === undefined || this.#roots.some(test);
    // Before it is looked at: that it exists is nobody's business either.
    if (!mayBe(({ written, real }) => isBelow(place, written) || isBelow(place, real))) {
      return { problem: OUTSIDE };
    }
    const found = await orProblem(async () => {
      const look = new FileLook(place);
      try {
        if (!mayBe(({ real }) => isBelow(look.realPath, real))) return { problem: OUTSIDE };
        if (look.isPipe) throw new Unreadable('it is not a regular file');
        const why = use === 'secret' ? whyNoSecret(look.access, this.#vmFile) : undefined;
        if (why !== undefined) throw new Unreadable(why);
        return await work(look);
      } finally {
        look.close();
      }
    });
    if (!('problem' in found)) return found;
    // Nor is it whether there is something behind a link.
    const isHidden = !isOwnKey && this.#roots !== undefined && followed(place) === undefined;
    return { problem: isHidden ? OUTSIDE : found.problem };
  }

  async #counted(look: FileLook): Promise<Reading> {
    if (!this.#seen.has(look.realPath) && this.#seen.size >= MOST_FILES) {
      throw new Unreadable(`this file names more than ${MOST_FILES} files`);
    }
    const reading = await this.#read(look);
    this.#bytes += this.#seen.has(look.realPath) ? 0 : sizeOf(reading);
    this.#seen.add(look.realPath);
    if (this.#bytes > MOST_NAMED_BYTES) {
      throw new Unreadable(`this file names more than ${MOST_NAMED_BYTES / MIB} MiB in all`);
    }
    return reading;
  }
}

/** What paths in a file are relative to. */
export function directoryOf(file: string): string {
  return isOwnDescriptor(file) ? resolve('.') : dirname(resolve(file));
}

function expanded(directory: string, path: string): string {
  return path.startsWith('~/') ? resolve(homedir(), path.slice(2)) : resolve(directory, path);
}

function toRoot(written: string): Root {
  try {
    return { written, real: realpathSync.native(written) };
  } catch {
    return { written, real: written };
  }
}

/** `~/.ssh/id_ed25519.pub`: the user's own to give away, wherever it is kept. */
function isPublicKeyOfUser(place: string): boolean {
  return dirname(place) === join(homedir(), '.ssh') && place.endsWith('.pub');
}

function sizeOf(reading: Reading): number {
  return 'text' in reading ? reading.text.length : 0;
}
