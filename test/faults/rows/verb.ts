import { PLOW } from '../../integration/support.ts';
import { UNTIL_OBEDIENT } from '../variants.ts';

/** A command that changes a VM, one row of the matrix of verbs. The VM is named `web`. */
export interface Verb {
  readonly argv: readonly string[];
  /** Shell commands that bring a VM, in whatever state it is, to where the command finds it. */
  readonly prepare: string;
  /**
   * Names of the calls by which it changes something, in any order, each once. Where there are none but those
   * of a pool that it needs for a while, the VM is as before.
   */
  readonly changes: readonly string[];
  /** True where `prepare` cannot undo what the command does: the VM is made anew for each step. */
  readonly anew?: true;
  /** The VM, if not one of a guest that powers off when asked. */
  readonly config?: object;
  /** What plow says where a call fails half way. Without it the VM must be as it was. */
  readonly halfDone?: RegExp;
  /** Commands of plow before the same one is given again. */
  readonly before?: readonly (readonly string[])[];
  /** Shell commands that take away what `plow destroy` does not, or lift what keeps it from doing so. */
  readonly restore?: string;
  /** Shell commands that print what else the command changes; its stored document is looked at always. */
  readonly shows?: string;
}

/** plow as a shell command that says nothing. */
export const plow = (command: string): string => `${PLOW.join(' ')} ${command} > /dev/null 2>&1`;

/** Shell commands that bring the VM to a state, whatever it is in. */
export const OFF = 'virsh -q destroy web 2> /dev/null || true';
export const RUNNING = `case $(virsh domstate web) in
    paused) virsh -q resume web || [ "$(virsh domstate web)" = running ];; running) ;; *) virsh -q start web;; esac`;
export const LISTENING = `${RUNNING}; ${UNTIL_OBEDIENT}`;
