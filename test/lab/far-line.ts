import type { Socket } from 'node:net';
import { between, messages } from './between.ts';

/** Programs of virnetprotocol.x whose messages are calls: the remote one, and that of QEMU. */
const PROGRAMS = new Set([0x20008086, 0x20008087]);
/** virNetMessageType. */
const CALL = 0;
const STREAM = 3;
/** virNetMessageStatus of a packet of data, which nobody answers. */
const CONTINUE = 2;

/**
 * What libvirt's client asks to open a connection: authentication, open, URI, features, and to be told of its
 * end.
 */
const OPENING: ReadonlySet<number> = new Set([1, 60, 66, 360]);
/** And to close it: not to be told any more, and close. */
const CLOSING: ReadonlySet<number> = new Set([2, 361]);

/** A call that went over the line. */
export interface FarCall {
  /** remote_procedure. */
  readonly procedure: number;
  /** How many answers, one after the other, it had waited for when it was sent, and its own. */
  readonly depth: number;
}

/** A line to a libvirtd that is far away. */
export interface FarLine {
  /** Calls between opening and closing, with depths counted from the end of the opening. */
  readonly calls: () => readonly FarCall[];
  /** Round trips between opening and closing; calls that are under way at the same time count once. */
  readonly roundTrips: () => number;
  readonly stop: () => Promise<void>;
}

/**
 * A Unix socket that leads to that of a libvirtd over a line with that round trip time. Of one connection
 * after the other it counts the round trips, whatever else keeps the machine busy: each call is one deeper
 * than the deepest answer that had come when it was sent.
 */
export async function farLine(path: string, target: string, milliseconds: number): Promise<FarLine> {
  const calls: FarCall[] = [];
  const join = (client: Socket, upstream: Socket): void => {
    const depths = new Map<number, number>();
    let seen = 0;
    const asked = messages(({ program, procedure, type, serial, status }) => {
      const isAnswered = type === CALL || (type === STREAM && status !== CONTINUE);
      if (!PROGRAMS.has(program) || !isAnswered) return;
      depths.set(serial, seen + 1);
      calls.push({ procedure, depth: seen + 1 });
    });
    const answered = messages(({ program, type, serial }) => {
      if (PROGRAMS.has(program) && type !== CALL) seen = Math.max(seen, depths.get(serial) ?? 0);
    });
    client.on('data', (chunk: Buffer) => {
      // When it was sent.
      asked(chunk);
      setTimeout(() => upstream.writable && upstream.write(chunk), milliseconds / 2);
    });
    upstream.on('data', (chunk: Buffer) => {
      setTimeout(() => {
        answered(chunk);
        if (client.writable) client.write(chunk);
      }, milliseconds / 2);
    });
  };
  const stop = await between(path, target, join, milliseconds);
  const own = (): readonly FarCall[] => {
    const first = calls.findLastIndex(({ procedure }) => OPENING.has(procedure)) + 1;
    const opened = calls[first - 1]?.depth ?? 0;
    return calls
      .slice(first)
      .filter(({ procedure }) => !CLOSING.has(procedure))
      .map(({ procedure, depth }) => ({ procedure, depth: depth - opened }));
  };
  return {
    calls: own,
    roundTrips: () => Math.max(0, ...own().map(({ depth }) => depth)),
    stop,
  };
}
