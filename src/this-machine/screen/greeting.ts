import type { Duplex } from 'node:stream';
import type { Patience } from './patience.ts';

/** RFC 6143, 7.1.1: `RFB 003.008` and the end of the line. */
const GREETING_BYTES = 12;
const GREETING = /^RFB \d{3}\.\d{3}\n$/u;

/**
 * Waits until the other end of a stream has greeted as a screen does; what it said is there to be read again.
 * @returns why it has not, in words; undefined: it has
 */
export function greeted(stream: Duplex, { over }: Patience): Promise<string | undefined> {
  return new Promise((resolve) => {
    let heard = Buffer.alloc(0);
    const end = (why: string | undefined): void => {
      stream.off('readable', read).off('end', gone).off('error', failed).off('close', gone);
      resolve(why);
    };
    const gone = (): void => end('it closed the connection');
    const failed = (error: Error): void => end(error.message);
    const read = (): void => {
      for (let piece = next(stream); piece !== null; piece = next(stream))
        heard = Buffer.concat([heard, piece]);
      if (heard.length < GREETING_BYTES) return;
      const isScreen = GREETING.test(heard.toString('latin1', 0, GREETING_BYTES));
      if (isScreen) stream.unshift(heard);
      end(isScreen ? undefined : 'what answers there speaks no VNC');
    };
    stream.on('readable', read).on('end', gone).on('error', failed).on('close', gone);
    void over.then(end);
    read();
  });
}

function next(stream: Duplex): Buffer | null {
  const piece: unknown = stream.read();
  return piece instanceof Buffer ? piece : null;
}
