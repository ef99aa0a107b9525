/** Pools and their volumes, and what domains have of them. */
export interface Storage {
  /** An active pool whose target is exactly this directory. */
  findPoolByPath(path: string): Promise<Pool | undefined>;
  /**
   * As findPoolByPath, but also undefined where it cannot be asked: for who then makes one, and is told of
   * one that is there, or why not. Beside other calls it is quicker. @throws HypervisorError (disconnected)
   */
  guessPoolByPath(path: string): Promise<Pool | undefined>;
  listPools(): Promise<readonly Pool[]>;
  /** Starts a transient pool; with `build` its directory is made. */
  startPool(xml: string, options: { readonly build: boolean }): Promise<Pool>;
  definePool(xml: string): Promise<Pool>;
  /** Documents of volumes by the path of their file, of those that lie in active pools. */
  volumeDocuments(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** As far as libvirt can tell without waiting. */
  diskUsages(): Promise<readonly DiskUsage[]>;
}

/**
 * Who is done with it disposes of it, which frees it without a round trip, once what is under way with it has
 * ended; nothing may be asked of it afterwards. What nobody disposes of is freed when the connection closes.
 */
export interface Pool extends Disposable {
  readonly name: string;
  xml(): Promise<string>;
  isActive(): Promise<boolean>;
  /** False for one that is gone once it stops. */
  isPersistent(): Promise<boolean>;
  /** Reads the directory anew. */
  refresh(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Removes the directory of a stopped pool, if it is empty. */
  removeDirectory(): Promise<void>;
  undefine(): Promise<void>;
  findVolume(name: string): Promise<Volume | undefined>;
  volumeNames(): Promise<readonly string[]>;
  createVolume(xml: string): Promise<Volume>;
  /** A full copy of `source`, in the format that `xml` asks for. */
  cloneVolume(xml: string, source: Volume): Promise<Volume>;
}

/** To be disposed of, as a pool. */
export interface Volume extends Disposable {
  readonly name: string;
  xml(): Promise<string>;
  resize(bytes: number): Promise<void>;
  /**
   * @param onProgress is told after each packet. An iterator would send nothing while nobody asks it for the
   * next number, and whoever wants none would have to drain it.
   */
  upload(bytes: Uint8Array, onProgress?: (sent: number) => void): Promise<void>;
  /**
   * Writes bytes from an offset on, and no more: what is around them stays. Where the chunks end with an
   * error the bytes before it may be there. @param length of all chunks together
   */
  write(offset: number, length: number, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * As write, without a length that is known before. @param pieces bytes, or how many zeros come next, which
   * take up no room in a file that ended there
   */
  writeSparse(offset: number, pieces: AsyncIterable<Uint8Array | number>): Promise<void>;
  /** The bytes of the file; undefined where they are more. */
  download(mostBytes: number): Promise<Uint8Array | undefined>;
  /** The first bytes of the file, fewer where it is shorter. A read-only connection may not have them. */
  head(mostBytes: number): Promise<Uint8Array>;
  /** Bytes from an offset on, none behind the end of the file. A read-only connection may not have them. */
  part(offset: number, mostBytes: number): Promise<Uint8Array>;
  /**
   * As part, bit by bit: bytes, or how many zeros come next that take up no room. libvirt goes on sending
   * while nobody asks for the next piece: ask for as much as memory may hold.
   */
  readSparse(offset: number, length: number): AsyncGenerator<Uint8Array | number, void>;
  delete(): Promise<void>;
}

/** A disk of a domain, as far as it has a path. */
export interface DiskUsage {
  readonly domain: string;
  readonly path: string;
  /** Virtual size. */
  readonly capacityBytes: number;
  /** What it takes up now. */
  readonly takenBytes: number;
}
