import type { Duplex } from 'node:stream';

/** A screen that ssh leads to, called as for libvirt: a program, words before the host, and the host. */
export interface SshTo {
  readonly by: 'ssh';
  readonly program: string;
  readonly words: readonly string[];
  readonly host: string;
  /** As the other machine has it. */
  readonly at: { readonly address: string; readonly port: number } | { readonly socket: string };
}

/** Where the other end of a screen is. */
export type ChannelTo =
  | { readonly by: 'file'; readonly file: number }
  | { readonly by: 'address'; readonly address: string; readonly port: number }
  | SshTo;

/** An open connection to a screen, which has greeted. */
export interface Channel {
  readonly stream: Duplex;
  /** Closes it, and ends what was started for it. */
  end(): void;
  /** Once it has ended: why the way there broke, in words; undefined: it did not, the screen is gone. */
  whyBroken(): Promise<string | undefined>;
}

/** Why there is no connection to a screen, in words. */
export class NoChannel extends Error {
  /** What to do about it, where that is known. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
