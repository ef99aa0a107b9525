/** What a clone is to be. */
export interface CloneWish {
  /** Of the new VM. */
  readonly name: string;
  /** `10.0.0.5/24`, for each interface of the source, in their order. */
  readonly addresses: readonly string[];
  /** Whose disks it begins with; undefined: those of the source as they are, which must be off. */
  readonly snapshot: string | undefined;
  /** Its disks stand on the files of the snapshot, and are no copies. */
  readonly isLinked: boolean;
  /** A guest that cannot be told that it is another one may stay the same. */
  readonly keepIdentity: boolean;
  /** Undefined: unless it keeps its identity. */
  readonly isStarted: boolean | undefined;
}
