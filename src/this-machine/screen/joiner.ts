import type { Duplex } from 'node:stream';

/**
 * Reads what comes from a screen while nobody looks, which is little: an end that nobody reads is not told.
 * @returns what joins somebody to it, once
 */
export function joiner(stream: Duplex): (viewer: Duplex) => void {
  const early: Buffer[] = [];
  const keep = (bytes: Buffer): void => void early.push(bytes);
  stream.on('data', keep);
  return (viewer) => {
    stream.off('data', keep);
    viewer.write(Buffer.concat(early));
    viewer.pipe(stream).pipe(viewer);
  };
}
