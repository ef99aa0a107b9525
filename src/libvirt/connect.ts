import { HypervisorError } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import { withoutPassword } from '../text/secrets.ts';
import { Connection } from './connection/connection.ts';
import type { CallObserver } from './connection/stopwatch.ts';
import { withDeadline } from './connection/deadline.ts';
import { LibvirtHypervisor } from './hypervisor.ts';
import { openFiles, whyNotHere } from '../this-machine/server.ts';
import { sshPids } from '../this-machine/ssh-children.ts';
import { peersOf } from './abi/peers.ts';
import { explainBySsh, explainOpen, isSessionUri, noAnswer } from './open-failure.ts';
import { sessionPlaces, SYSTEM_PLACES } from './places.ts';
import type { Variables } from './places.ts';
import { whileSshWorks } from './ssh/patience.ts';
import { sshTarget } from './ssh/target.ts';
import { OTHER_THREADS, OVERLAP } from './connection/concurrency.ts';

export { exitNow } from './abi/native.ts';
export { makeRaw } from './abi/terminal.ts';

/** A server that accepts and then says nothing would keep virConnectOpen waiting for ever. */
const OPEN_DEADLINE_MS = 10_000;

/**
 * Drivers whose VMs plow can make, with any transport: `qemu+ssh`. Of QEMU's there are two;
 * `/embed?root=/tmp/x` would make one of its own in this process, and directories for it.
 * https://libvirt.org/uri.html
 */
const URI =
  /^(?:qemu(?:\+[a-z0-9]+)?:\/\/[^\s\p{Cc}/?#]*\/(?:system|session)(?:[?#][^\s\p{Cc}]*)?|test(?:\+[a-z0-9]+)?:\/\/[^\s\p{Cc}]*)$/u;
/** Over the usual socket: another may lead elsewhere. Whether this one leads nowhere else is looked at. */
const THIS_MACHINE = /^qemu(?:\+unix)?:\/\/\/(?!.*[?&]socket=)/u;

export interface ConnectOptions {
  readonly observe?: CallObserver | undefined;
  /** The server refuses whatever would change anything. */
  readonly isReadOnly?: boolean;
  /** Others are opened at the same time. */
  readonly isOneOfMany?: boolean;
  /** Of the process, by which libvirt finds the files of a session. */
  readonly variables?: Variables;
}

export interface OpenHypervisor {
  readonly hypervisor: LibvirtHypervisor;
  /** Frees everything. @returns references that libvirt still counts, as Connection's */
  readonly close: () => Promise<number | undefined>;
}

function overlapOf(uri: string): number {
  return THIS_MACHINE.test(uri) ? OVERLAP.near : OVERLAP.far;
}

/**
 * How many threads a connection to this URI can use; to start a hundred takes some milliseconds.
 * @param uri undefined: there are several
 * @param wanted what the user says (UV_THREADPOOL_SIZE), who has at least those that are not free for calls
 * and one more
 */
export function threadsFor(uri: string | undefined, wanted?: string): number {
  const own = Number(wanted || Number.NaN);
  return Number.isInteger(own)
    ? Math.max(own, OTHER_THREADS + 1)
    : (uri === undefined ? OVERLAP.far : overlapOf(uri)) + OTHER_THREADS;
}

/**
 * Connects to the hypervisor at a libvirt URI.
 * @throws PlowError (connection)
 */
export async function connect(
  uri: string,
  { observe, isReadOnly = false, isOneOfMany = false, variables = {} }: ConnectOptions = {},
): Promise<OpenHypervisor> {
  if (!URI.test(uri)) {
    throw new PlowError('connection', `'${withoutPassword(uri)}' is not a libvirt URI that plow can use`, {
      hint: 'use qemu:///system, qemu:///session or qemu+ssh://root@host/system (see https://libvirt.org/uri.html), or an alias of libvirt.conf',
    });
  }
  const connection = await opened(
    uri,
    Connection.open(uri, { observe, isReadOnly, isOneOfMany, overlap: overlapOf(uri) }),
  );
  const isThisMachine = THIS_MACHINE.test(uri);
  const isSession = isSessionUri(uri);
  const own = isThisMachine ? sessionPlaces(variables) : undefined;
  return {
    hypervisor: new LibvirtHypervisor(connection, {
      whyNotHere: isThisMachine ? () => whyNotHere(peersOf(openFiles())) : undefined,
      isReadOnly,
      isSession,
      places: isSession ? own : SYSTEM_PLACES,
    }),
    close: () => connection.close(),
  };
}

/** @throws PlowError */
async function opened(uri: string, opening: Promise<Connection>): Promise<Connection> {
  const ssh = sshTarget(uri);
  if (ssh === undefined) {
    const inTime = withDeadline(opening, OPEN_DEADLINE_MS, () => noAnswer(uri, OPEN_DEADLINE_MS));
    return inTime.catch((error: unknown) => {
      throw error instanceof HypervisorError ? explainOpen(uri, error) : error;
    });
  }
  mayHaveSsh = true;
  const silent = new Error('silent');
  return whileSshWorks(opening, () => silent).catch(async (error: unknown) => {
    if (error === silent) throw await explainBySsh(uri, ssh, undefined);
    throw error instanceof HypervisorError ? await explainBySsh(uri, ssh, error) : error;
  });
}

/** Set once a connection over ssh was begun. */
let mayHaveSsh = false;

/** Ends what libvirt started for connections. */
export function endHelpers(kill: (pid: number) => void): void {
  for (const pid of mayHaveSsh ? sshPids() : []) {
    try {
      kill(pid);
    } catch {
      // It has ended by itself.
    }
  }
}
