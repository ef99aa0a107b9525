import type { Hypervisor } from '../vm/hypervisor.ts';
import type { Output } from '../terminal/output.ts';

/** What the commands need of the process; made in main.ts. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly output: Output;
  readonly version: string;
  readonly columns: number | undefined;
  /** Has `output.color` say so from now on. */
  wishColour(wish: ColourWish): void;
  /** Loads libvirt, which `--help` and `--version` never do. @param isReadOnly for looking only */
  connect(
    uri: string,
    onCall: ((call: string, milliseconds: number) => void) | undefined,
    isReadOnly: boolean,
  ): Promise<OpenConnection>;
  /**
   * From now on SIGINT, SIGTERM and SIGHUP abort the signal instead of ending the process; a second one ends it.
   * @param reaction what plow then does, in words
   */
  interruptible(reaction: string): Interruption;
}

/** `auto`: in a terminal, unless NO_COLOR is set. */
export type ColourWish = 'auto' | 'always' | 'never';

export interface Interruption {
  readonly signal: AbortSignal;
  /** From now on an interruption comes too late. */
  readonly settled: () => void;
}

export interface OpenConnection {
  readonly hypervisor: Hypervisor;
  close(): Promise<unknown>;
}
