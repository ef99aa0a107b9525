import type { Hypervisor } from '../hypervisor/hypervisor.ts';
import type { Access, Denial } from '../hypervisor/access.ts';
import type { Output } from '../terminal/output.ts';

/** What the commands need of the process; made in main.ts. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Whom plow runs as: the effective one. */
  readonly userId: number;
  readonly output: Output;
  readonly version: string;
  /** Of the terminal now; undefined without one. */
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  /**
   * For what draws on the terminal. `stopTemporaryPool` is called before plow leaves, in whatever way, or
   * Ctrl-Z suspends it; `redraw` when it goes on, and when the terminal has another size. @returns what ends
   * that
   */
  holdTerminal(stopTemporaryPool: () => void, redraw: () => void): () => void;
  /**
   * Shows a question and gives the line that is typed, empty where input ends; undefined unless a person sits
   * at both ends.
   */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /**
   * Runs a program of this machine with plow's own streams, and waits for it.
   * @returns its exit code, as a shell has it
   */
  foreground(program: string, words: readonly string[]): Promise<number | 'missing'>;
  /** What is typed, or comes through a pipe. */
  readonly input: NodeJS.ReadStream;
  /** To stdout, as they are; ends once they are written, or never will be. */
  writeBytes(bytes: Uint8Array): Promise<void>;
  /**
   * Has the terminal that is typed into give each byte at once, and show nothing by itself. Once connected
   * only.
   * @returns what makes it as it was; undefined without a terminal
   */
  makeRaw(): (() => void) | undefined;
  /** Has `output.color` say so from now on. */
  setColour(wish: ColourOption): void;
  /**
   * Loads libvirt, which `--help` and `--version` never do. @param isOneOfMany others are opened at the same
   * time
   */
  connect(
    uri: string,
    onCall: ((call: string, milliseconds: number, about: string) => void) | undefined,
    access: Access,
    isOneOfMany?: boolean,
  ): Promise<OpenConnection>;
  /**
   * From now on SIGINT, SIGTERM and SIGHUP abort the signal instead of ending the process; a second one ends
   * it.
   * @param reaction what plow then does, in words; undefined: nothing is said
   */
  interruptible(reaction: string | undefined): Interruption;
}

/** `auto`: in a terminal, unless NO_COLOR is set. */
export type ColourOption = 'auto' | 'always' | 'never';

export interface Interruption {
  readonly signal: AbortSignal;
  /** From now on there is something that an interruption takes back. */
  readonly making: (isMaking: boolean) => void;
  /** From now on an interruption comes too late. */
  readonly settled: () => void;
}

export interface OpenConnection {
  readonly hypervisor: Hypervisor;
  /** Why it is read-only, where it was to be all that is allowed. */
  readonly denied?: Denial | undefined;
  close(): Promise<unknown>;
}
