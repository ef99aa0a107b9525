/**
 * The same, made one step ahead of who takes it, from the second on: while one chunk is written the next one
 * is decoded, on another thread.
 */
export async function* ahead(
  source: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    let result = await source.next();
    for (let first = true; result.done !== true; first = false) {
      const { value } = result;
      const next = first ? undefined : source.next();
      // An error is told when it is its turn.
      next?.catch(() => {});
      yield value;
      result = await (next ?? source.next());
    }
  } finally {
    // Waits for the step that is under way.
    await source.return(undefined);
  }
}
