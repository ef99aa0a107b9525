/** Ctrl-], as telnet and virsh have it. */
const ESCAPE = 0x1d;

const nothing = (): void => {};

/** What is typed, or comes through a pipe. */
export interface Typed {
  /** Ends when the one who types leaves, or their terminal is gone. */
  readonly left: Promise<void>;
  stop(): void;
}

/**
 * Hands each piece of input on, and takes the next one once that is done. Of a pipe every byte counts, and
 * its end does not end anything: the answer to the last line is still to come.
 * @param isTerminal where Ctrl-] leaves
 */
export function typed(
  input: NodeJS.ReadableStream,
  send: (bytes: Uint8Array) => Promise<void>,
  isTerminal: boolean,
): Typed {
  let leave = nothing;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const take = (bytes: Buffer): void => {
    const at = isTerminal ? bytes.indexOf(ESCAPE) : -1;
    if (at >= 0) {
      if (at > 0) void send(bytes.subarray(0, at));
      return leave();
    }
    // A terminal is always listened to: Ctrl-] leaves a guest that takes nothing, too.
    if (!isTerminal) input.pause();
    void send(bytes).then(() => input.resume());
  };
  const gone = (): void => {
    if (isTerminal) leave();
  };
  input.on('data', take).on('end', gone).on('error', gone);
  return {
    left,
    stop: () => {
      input.off('data', take).off('end', gone);
      input.pause();
    },
  };
}
