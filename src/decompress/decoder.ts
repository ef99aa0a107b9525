/** What one call of a decoder came to. */
export interface Step {
  /** Bytes of the input that it took. */
  readonly taken: number;
  /** Bytes that it wrote. */
  readonly written: number;
  /** True where the data may end here: what was given so far is whole. */
  readonly whole: boolean;
}

export interface Position {
  readonly outcome: number;
  readonly last: boolean;
}

/** A decoder of C; its memory is its own until it is freed. */
export interface Decoder {
  /**
   * Decodes until the input is used up or the output is full. Who calls holds both until it is done, since C
   * has no more than their addresses.
   * @param at what came out until now, in bytes, and whether the input is the last
   * @throws PlowError for what is no valid data
   */
  step(input: Uint8Array, output: Uint8Array, at: Position): Promise<Step>;
  free(): void;
}

/** So that the head of an image is there before much of it was downloaded. */
const FIRST_BYTES = 64 * 1024;
const CHUNK_BYTES = 256 * 1024;

/**
 * What comes out of a decoder, in chunks that nobody writes to again.
 * @param ended thrown where the file ends before its data do
 */
export async function* decoded(
  chunks: AsyncIterable<Uint8Array>,
  open: () => Decoder,
  ended: (outcome: number) => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = open();
  let output = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let [filled, outcome, whole] = [0, 0, true];
  /** True where it is full and goes out. */
  const goOn = async (input: Uint8Array, last: boolean): Promise<{ taken: number; full: boolean }> => {
    const step = await decoder.step(input, output.subarray(filled), { outcome, last });
    filled += step.written;
    outcome += step.written;
    whole = step.whole;
    return { taken: step.taken, full: filled === output.length };
  };
  const next = (): Uint8Array => {
    const done = output.subarray(0, filled);
    output = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    filled = 0;
    return done;
  };
  try {
    for await (const chunk of chunks) {
      let input = chunk;
      // A decoder may hold more than it has room for when the input is used up.
      for (let full = false; input.length > 0 || full;) {
        const step = await goOn(input, false);
        input = input.subarray(step.taken);
        ({ full } = step);
        if (full) yield next();
      }
    }
    for (let full = true; full;) {
      ({ full } = await goOn(new Uint8Array(), true));
      if (full) yield next();
    }
    if (!whole) throw ended(outcome);
    if (filled > 0) yield next();
  } finally {
    decoder.free();
  }
}
