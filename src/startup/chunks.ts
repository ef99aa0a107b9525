import { openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/**
 * The program as the build writes it: two files of many chunks, each file with a line at its top that says
 * where they are. A command reads and compiles only the chunks that it needs. The files stay open, so that a
 * plow which runs while it is replaced by another version finds all of its own.
 */

/**
 * Where a chunk begins after the first line and how long it is, in bytes, and how many lines there are before
 * it.
 */
export type Place = readonly [offset: number, bytes: number, line: number];

export interface Index {
  /** The same in both files where they were built together. */
  readonly build: string;
  readonly places: Readonly<Record<string, Place>>;
}

/** The first line: the length of the index in this many digits, then the index, as a comment. */
export const INDEX = { start: '//', digits: 8 } as const;

/**
 * The form in which node runs CommonJS modules. The text of the program is ASCII, so that a byte is a
 * character.
 */
export const WRAPPER = ['(function (exports, require, module, __filename, __dirname) {', '\n})'] as const;

type Wrapped = (
  exports: object,
  require: (id: string) => unknown,
  module: { exports: object },
  file: string,
  directory: string,
) => void;

interface ChunkFile {
  readonly descriptor: number;
  /** Of what comes after the first line. */
  readonly start: number;
  readonly index: Index;
}

export class Chunks {
  /** Of the chunks that were loaded. */
  readonly scripts = new Map<string, Script>();
  readonly #modules = new Map<string, { exports: object }>();
  readonly #file: string;
  readonly #program: ChunkFile;
  readonly #cache: ChunkFile | undefined;

  /**
   * @param file the program; V8's code cache of each chunk is in `file`.cache, if anywhere
   * @param name what stack traces call it, which code caches have in them too
   */
  constructor(file: string, name = file) {
    this.#file = name;
    this.#program = openChunks(file);
    this.#cache = openCache(`${file}.cache`, this.#program.index.build);
  }

  /** Runs a chunk unless that was done. @returns what it exports */
  load(name: string): object {
    const known = this.#modules.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.#modules.set(name, module);
    const run = this.#compile(name).runInThisContext() as Wrapped;
    const requireFrom = (id: string): unknown => (id.startsWith('./') ? this.load(id.slice(2)) : require(id));
    run(module.exports, requireFrom, module, this.#file, dirname(this.#file));
    return module.exports;
  }

  /** A cache of another version of node is refused by V8, which then compiles as usual. */
  #compile(name: string): Script {
    const [, , line] = placeOf(this.#program, name);
    const cachedData = this.#cache && readChunk(this.#cache, name);
    const script = new Script(readChunk(this.#program, name).toString('latin1'), {
      filename: this.#file,
      lineOffset: line,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    this.scripts.set(name, script);
    return script;
  }
}

function openCache(file: string, build: string): ChunkFile | undefined {
  try {
    const cache = openChunks(file);
    return cache.index.build === build ? cache : undefined;
  } catch {
    return undefined;
  }
}

function openChunks(file: string): ChunkFile {
  const descriptor = openSync(file, 'r');
  const headBytes = INDEX.start.length + INDEX.digits;
  const head = read(descriptor, 0, headBytes).toString('latin1');
  const indexBytes = Number(head.slice(INDEX.start.length));
  const index = read(descriptor, headBytes, indexBytes).toString('latin1');
  return { descriptor, start: headBytes + indexBytes + 1, index: JSON.parse(index) as Index };
}

function placeOf({ index }: ChunkFile, name: string): Place {
  const place = index.places[name];
  if (place === undefined) throw new Error(`plow was built without ${name}`);
  return place;
}

function readChunk(file: ChunkFile, name: string): Buffer {
  const [offset, bytes] = placeOf(file, name);
  return read(file.descriptor, file.start + offset, bytes);
}

function read(descriptor: number, offset: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, offset));
}
