import type { Duplex } from 'node:stream';

/** A screen greets with 12 bytes, and waits for an answer. RFC 6143, 7.1.1 */
const MOST_EARLY_BYTES = 4096;

/**
 * Reads what comes from a screen while nobody looks, which is little: an end that nobody reads is not told.
 * One that says much is none, and is closed. @returns what joins somebody to it, once
 */
export function joiner(stream: Duplex): (viewer: Duplex) => void {
  const early: Buffer[] = [];
  let size = 0;
  const keep = (bytes: Buffer): void => {
    size += bytes.length;
    if (size > MOST_EARLY_BYTES) stream.destroy();
    else early.push(bytes);
  };
  stream.on('data', keep);
  return (viewer) => {
    stream.off('data', keep);
    viewer.write(Buffer.concat(early));
    viewer.pipe(stream).pipe(viewer);
  };
}
