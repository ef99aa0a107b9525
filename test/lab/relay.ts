import type { Socket } from 'node:net';
import { between, messages } from './between.ts';

/** remote_procedure of libvirt's remote protocol. */
export const DOMAIN_GET_XML_DESC = 14;

/** A line to a libvirtd that can fall silent. */
export interface Relay {
  /** How many calls were sent since it fell silent, and before that with the procedure that it waits for. */
  readonly heard: () => number;
  /** Lets through what was held back, and all that comes. */
  readonly speak: () => void;
  readonly stop: () => Promise<void>;
}

/**
 * A Unix socket that leads to that of a libvirtd, and says nothing any more, to keepalive neither, from the
 * call on that is the n-th of a procedure: what is asked from then on stays in flight, as on a line that was
 * cut.
 * @param roundTripMs what the line adds to each answer; what is sent meanwhile is under way at the same time
 */
export async function relay(
  path: string,
  target: string,
  {
    procedure,
    nth,
    roundTripMs = 0,
  }: { readonly procedure: number; readonly nth: number; readonly roundTripMs?: number },
): Promise<Relay> {
  let heard = 0;
  let isOpen = false;
  const held: (() => void)[] = [];
  const isSilent = (): boolean => heard >= nth && !isOpen;
  const join = (client: Socket, upstream: Socket): void => {
    const count = messages(({ procedure: called }) => {
      if (called === procedure || isSilent()) heard += 1;
    });
    client.on('data', (chunk: Buffer) => {
      count(chunk);
      upstream.write(chunk);
    });
    const answer = (chunk: Buffer): void => {
      if (isSilent()) held.push(() => client.write(chunk));
      else client.write(chunk);
    };
    upstream.on('data', (chunk: Buffer) => {
      if (roundTripMs === 0) answer(chunk);
      else setTimeout(answer, roundTripMs, chunk);
    });
  };
  const stop = await between(path, target, join);
  return {
    heard: () => heard,
    speak: () => {
      isOpen = true;
      for (const send of held.splice(0)) send();
    },
    stop,
  };
}
