import type { DomainWatch, Events } from '../../hypervisor/events.ts';
import type { Connection } from '../connection/connection.ts';
import { turnOver } from '../connection/event-loop.ts';
import { callAsync } from '../abi/native.ts';
import { eventCallbacks, hear } from './event-callbacks.ts';
import { EventQueue } from './event-queue.ts';

/**
 * virDomainEventID of what begins and ends states.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainEventID
 */
const LIFECYCLE = 0;
/** What else changes something that a list shows; a libvirt that does not know one of them goes without. */
const OTHERS = {
  BLOCK_JOB: 8,
  DISK_CHANGE: 9,
  TRAY_CHANGE: 10,
  BALLOON_CHANGE: 13,
  DEVICE_REMOVED: 15,
  AGENT_LIFECYCLE: 18,
  DEVICE_ADDED: 19,
  METADATA_CHANGE: 23,
  MEMORY_DEVICE_SIZE_CHANGE: 26,
};

const REGISTER = 'virConnectDomainEventRegisterAny';

type What = 'states' | 'everything';

/**
 * The events of one connection, for which libvirt is asked once.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainEventRegisterAny
 */
export class DomainEvents implements Events {
  readonly #connection: Connection;
  readonly #queues = new Map<EventQueue, What>();
  readonly #ids: number[] = [];
  readonly #asked = new Map<What, Promise<void>>();
  #isListening = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @throws HypervisorError; whoever comes after that asks anew */
  async watchDomains(what: What): Promise<DomainWatch> {
    const queue = new EventQueue(this.#connection.broken, () => this.#queues.delete(queue));
    this.#queues.set(queue, what);
    this.#listen();
    try {
      await this.#once('states', () => this.#askForStates());
      if (what === 'everything') await this.#once('everything', () => this.#askForOthers());
    } catch (error) {
      queue[Symbol.dispose]();
      throw error;
    }
    return queue;
  }

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    const leave = hear(this.#connection.pointer, (event, isLifecycle) => {
      for (const [queue, what] of this.#queues) if (isLifecycle || what === 'everything') queue.add(event);
    });
    this.#connection.beforeClose(async () => {
      leave();
      for (const queue of this.#queues.keys()) queue[Symbol.dispose]();
      await this.#deregister();
    });
  }

  async #once(what: What, ask: () => Promise<void>): Promise<void> {
    const asking = this.#asked.get(what) ?? ask();
    this.#asked.set(what, asking);
    try {
      await asking;
    } catch (error) {
      if (this.#asked.get(what) === asking) this.#asked.delete(what);
      throw error;
    }
  }

  async #askForStates(): Promise<void> {
    const args = this.#argsFor(LIFECYCLE, eventCallbacks().lifecycle);
    this.#ids.push(await this.#connection.callNumber(REGISTER, ...args));
  }

  async #askForOthers(): Promise<void> {
    const questions = Object.values(OTHERS).map((id) => this.#argsFor(id, eventCallbacks().other));
    const ids = await this.#connection.callBatch(REGISTER, questions);
    this.#ids.push(...ids.filter((id): id is number => id !== undefined));
  }

  #argsFor(event: number, callback: bigint): readonly [bigint, null, number, bigint, null, null] {
    return [this.#connection.pointer, null, event, callback, null, null];
  }

  /**
   * Each holds a reference to the connection. A server that is gone refuses, but libvirt lets go of them all
   * the same.
   */
  async #deregister(): Promise<void> {
    const { pointer } = this.#connection;
    await Promise.all(this.#ids.map((id) => callAsync('virConnectDomainEventDeregisterAny', pointer, id)));
    // One that is being told just now is let go of after that.
    await turnOver();
  }
}
