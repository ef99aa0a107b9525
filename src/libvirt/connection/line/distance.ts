import type { FunctionName } from '../../abi/functions.ts';

/** How often a server is asked whether it is there, and how often it may leave that without an answer. */
export interface Keepalive {
  readonly seconds: number;
  readonly count: number;
}

/**
 * A server that says nothing for `seconds` x (`count` + 1) counts as gone: every call on the connection then
 * fails. Its main loop answers, whatever its workers are busy with. On a far line what was lost is sent again
 * later, and Wi-Fi that roams is silent for some seconds.
 * https://libvirt.org/html/libvirt-libvirt-host.html#virConnectSetKeepAlive
 */
export const KEEPALIVE = { near: { seconds: 2, count: 3 }, far: { seconds: 5, count: 5 } } as const;

/** A round trip of a far line takes longer. */
const FAR_MS = 100;
/** Round trips of an open over TCP; over ssh there are more. So one takes no longer than a fifth of it. */
const TRIPS_OF_OPEN = 5;
/** Calls that may end before anything has travelled. */
const LOCAL = /^virStream/u;
/** By then a near server has answered one call at least. */
const MEASURED_WITHIN_MS = 1000;

/**
 * How far a server is: by the time that the open took, else, as that has more in it than round trips, by the
 * first second of calls. libvirt takes one keepalive for a connection, and no other one after it.
 */
export class Distance {
  readonly #set: (keepalive: Keepalive) => void;
  readonly #timer: NodeJS.Timeout | undefined;
  #keepalive: Keepalive | undefined;

  /**
   * @param openMs what the open took; 0 for a socket that is known to be near
   * @param set called once, when it is known
   */
  constructor(openMs: number, set: (keepalive: Keepalive) => void) {
    this.#set = set;
    if (openMs <= FAR_MS * TRIPS_OF_OPEN) this.#decide(KEEPALIVE.near);
    else this.#timer = setTimeout(() => this.#decide(KEEPALIVE.far), MEASURED_WITHIN_MS);
  }

  /** How long a server may be silent before it counts as gone; the longer time where it is not known yet. */
  get silenceMs(): number {
    const { seconds, count } = this.#keepalive ?? KEEPALIVE.far;
    return seconds * (count + 1) * 1000;
  }

  /** A call begins. @returns what says that it was answered */
  measure(name: FunctionName): () => void {
    if (this.#keepalive !== undefined || LOCAL.test(name)) return () => {};
    const begun = performance.now();
    return () => {
      if (performance.now() - begun <= FAR_MS) this.#decide(KEEPALIVE.near);
    };
  }

  /** Nothing is measured any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#keepalive ??= KEEPALIVE.near;
  }

  #decide(keepalive: Keepalive): void {
    if (this.#keepalive !== undefined) return;
    this.#keepalive = keepalive;
    clearTimeout(this.#timer);
    this.#set(keepalive);
  }
}
