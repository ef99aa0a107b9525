import type { ConfigPath } from '../machine.ts';

/** A value that a file was given, as it has none of its own there. */
export interface Filled {
  readonly path: ConfigPath;
  /** `file:line:column` */
  readonly origin: string;
}
