/** What can be told of files only where the hypervisor is this machine. */
export interface LocalView {
  /** Undefined where the hypervisor is another machine, or may be. */
  readonly local: LocalFacts | undefined;
  /** Why it is, or may be, where nobody named another machine. */
  readonly notHere: NotHere | undefined;
  /** What keeps disks from the file system of a directory; undefined where that cannot be told from here. */
  findFlaw(directory: string): Promise<FileSystemFlaw | undefined>;
  /**
   * Whether whoever runs plow may read a directory and write there; undefined where that cannot be told from
   * here.
   */
  mayUse(directory: string): Promise<boolean | undefined>;
  /**
   * The path without links and detours; undefined where that cannot be told from here, or there is nothing.
   */
  realPath(path: string): Promise<string | undefined>;
  /**
   * As realPath, of a file of this machine: `missing` where there is none, `hidden` where whoever runs plow
   * may not look.
   */
  findPlace(path: string): Promise<Place | 'missing' | 'hidden'>;
  /** Asks on a bridge who has an IPv4 address, as whoever sends something there does (ARP). */
  askNeighbour(address: string, bridge: string, withinMs: number): Promise<Neighbour>;
  /** Whether a server could listen there. @param port undefined: any */
  canListen(address: string, port: number | undefined): Promise<CanListen>;
}

/**
 * `taken`: another does; `no-address`: the machine has no such one; `unknown`: it cannot be told from here.
 */
export type CanListen = 'free' | 'taken' | 'no-address' | 'unknown';

/**
 * Who has an address. `remembered`: the kernel knows somebody from before, who has not answered now.
 * `no-route`: it would not ask on that bridge. `unsent`: it did not let plow. `not-here`: only the hypervisor
 * could ask.
 */
export type Neighbour =
  /** In lower case. */
  | { readonly found: 'answers'; readonly mac: string }
  | { readonly found: 'silent' | 'remembered' | 'no-route' | 'unsent' | 'not-here' };

/**
 * Of the server: it cannot be seen, has other file systems or another network, is none of libvirt's but
 * something that passes on what it hears, or could not be looked at. The last two are doubts.
 */
export type NotHere = 'hidden' | 'other-files' | 'other-network' | 'relay' | 'untold';

/** It refuses O_DIRECT, or all writing, or nothing. */
export type FileSystemFlaw = 'no-direct-io' | 'read-only' | 'none';

/** Of a file. */
export interface Place {
  /** Its path without links and detours. */
  readonly real: string;
  /** The same under each of its paths, be it through a bind mount or a hard link. */
  readonly file: string;
}

/** What only the machine itself tells. */
export interface LocalFacts {
  exists(path: string): Promise<boolean>;
  /** Undefined for a file that cannot be read. */
  read(path: string): Promise<string | undefined>;
  /**
   * A file or directory, and its file system; the error's code, such as ENOENT, where it cannot be looked at.
   */
  look(path: string): Promise<LocalEntry | string>;
  /** Undefined for a directory that cannot be read, though perhaps looked at. */
  names(directory: string): Promise<readonly string[] | undefined>;
  /**
   * What a program that changes nothing prints, trimmed, whatever its exit code; undefined where it cannot be
   * run.
   */
  output(program: string, args: readonly string[]): Promise<string | undefined>;
}

export interface LocalEntry {
  readonly type: 'file' | 'dir' | 'other';
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
  readonly bytes: number;
  /** What it takes up. */
  readonly takenBytes: number;
  /** Free bytes of its file system. */
  readonly availableBytes: number;
  /** Of a file or block device the first bytes. */
  readonly head: Uint8Array;
}
