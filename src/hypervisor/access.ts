/** What a connection is for. `as-allowed`: all of it, or looking alone where the account may do no more. */
export type Access = 'full' | 'read-only' | 'as-allowed';

/** Why a connection is read-only that was to be more. */
export interface Denial {
  /** `'bob' may do no more on h1` */
  readonly what: string;
  /** What gives the account all of it. */
  readonly repair: string;
}
