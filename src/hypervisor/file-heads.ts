import type { Pool } from './storage.ts';

/** What files begin with. */
export interface FileReading {
  /**
   * The first bytes of files, through pools: those that are there, else transient ones for the time. A
   * directory is asked first whether it answers: a pool on a file server that is gone would keep all pools
   * from everybody. To a connection for looking only none answers.
   */
  fileHeads(wanted: readonly FilesIn[], bounds: HeadBounds): Promise<FileHeads>;
}

export interface FileHeads {
  /** By path. One that is missing could not be had, for whatever reason. */
  readonly heads: ReadonlyMap<string, FileHead>;
  /** Directories that gave no answer. */
  readonly silent: ReadonlySet<string>;
  /** Temporary pools that did not stop. */
  readonly unstopped: readonly Pool[];
}

/** Files of one directory, and the document of the temporary pool where it has none. */
export interface FilesIn {
  readonly directory: string;
  readonly files: readonly string[];
  readonly poolXml: string;
}

export interface HeadBounds {
  readonly mostBytes: number;
  /** For the directories that answer to do so. */
  readonly withinMs: number;
}

export interface FileHead {
  /** Undefined where the document says which file is below, and for what is not a file. */
  readonly bytes: Uint8Array | undefined;
  /** Document of the volume. */
  readonly xml: string;
}
