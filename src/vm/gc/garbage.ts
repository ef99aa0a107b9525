/** What kind of thing is left over. */
export type GarbageKind =
  | 'directory'
  | 'snapshot file'
  | 'disk'
  | 'pool'
  | 'nvram'
  | 'upload'
  | 'image'
  | 'incomplete VM'
  | 'expired VM'
  | 'destroyed VM'
  | 'broken chain';

/** Something that no VM owns any more, or that is broken. */
export interface Garbage {
  readonly kind: GarbageKind;
  /** A path, or what it is called. */
  readonly what: string;
  /** What it takes up; undefined where that says nothing, or is not known. */
  readonly bytes: number | undefined;
  /** Why nobody needs it, or what is broken. */
  readonly why: string;
  /** What to do with it: removed by gc, or why gc leaves it alone. */
  readonly fate: Fate;
}

export type Fate =
  | { readonly stays: string }
  | {
      /** Looks once more, and removes it. @throws PlowError, HypervisorError */
      readonly remove: () => Promise<Left | Hidden>;
    };

/** What of something is still there, and why; under its own name where all of it is. */
export type Left = ReadonlyMap<string, string>;

/** Nothing of it is gone yet: plow undelete brings it back until then, ISO 8601. */
export interface Hidden {
  readonly until: string;
}

export const NOTHING_LEFT: Left = new Map();
