import { shellQuote } from '../text/shell-quote.ts';
import { constants } from 'node:os';
import { HypervisorError } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import { withoutPassword } from '../text/secrets.ts';
import { Connection } from './connection/connection.ts';
import type { CallObserver } from './connection/stopwatch.ts';
import { withDeadline } from './connection/deadline.ts';
import { LibvirtHypervisor } from './hypervisor.ts';
import { OTHER_THREADS, OVERLAP } from './connection/concurrency.ts';
import { VIR_ERR, VIR_FROM } from './abi/error.ts';

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
const SESSION = /^qemu(?:\+[a-z0-9]+)?:\/\/[^/]*\/session/u;
/** Over a socket on this machine. */
const LOCAL = /^[a-z]+(?:\+unix)?:\/\/\//u;
/** Over the usual socket: another may lead elsewhere. */
const THIS_MACHINE = /^qemu(?:\+unix)?:\/\/\/(?!.*[?&]socket=)/u;

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
 * @param wanted what the user says (UV_THREADPOOL_SIZE), who has at least those that are not free for calls
 * and one more
 */
export function threadsFor(uri: string, wanted?: string): number {
  const own = Number(wanted || Number.NaN);
  return Number.isInteger(own) ? Math.max(own, OTHER_THREADS + 1) : overlapOf(uri) + OTHER_THREADS;
}

/**
 * Connects to the hypervisor at a libvirt URI. @param isReadOnly has the server refuse whatever would change
 * anything
 * @throws PlowError (connection)
 */
export async function connect(
  uri: string,
  observe?: CallObserver,
  isReadOnly = false,
): Promise<OpenHypervisor> {
  if (!URI.test(uri)) {
    throw new PlowError('connection', `'${withoutPassword(uri)}' is not a libvirt URI that plow can use`, {
      hint: 'use qemu:///system, qemu:///session or qemu+ssh://root@host/system (see https://libvirt.org/uri.html)',
    });
  }
  const opening = withDeadline(
    Connection.open(uri, {
      observe,
      isReadOnly,
      overlap: overlapOf(uri),
    }),
    OPEN_DEADLINE_MS,
    () => noAnswer(withoutPassword(uri)),
  );
  const connection = await opening.catch((error: unknown) => {
    throw error instanceof HypervisorError ? explain(uri, error) : error;
  });
  return {
    hypervisor: new LibvirtHypervisor(connection, { isThisMachine: THIS_MACHINE.test(uri), isReadOnly }),
    close: () => connection.close(),
  };
}

function noAnswer(uri: string): PlowError {
  return new PlowError('connection', `no answer from ${uri} within ${OPEN_DEADLINE_MS / 1000} seconds`, {
    hint: 'libvirtd accepts connections but does not serve them: restart it (systemctl restart libvirtd)',
  });
}

function explain(address: string, error: HypervisorError): PlowError {
  const uri = withoutPassword(address);
  const details = { detail: withoutPassword(error.describe()), cause: error };
  const denied =
    error.code === VIR_ERR.AUTH_FAILED ||
    error.code === VIR_ERR.AUTH_CANCELLED ||
    error.code === VIR_ERR.AUTH_UNAVAILABLE ||
    error.domain === VIR_FROM.POLKIT ||
    error.domain === VIR_FROM.DBUS ||
    error.errno === constants.errno.EACCES;
  if (denied && SESSION.test(uri)) {
    return new PlowError('connection', `libvirt cannot work for this user at ${uri}`, {
      ...details,
      hint: 'it keeps files below XDG_RUNTIME_DIR and HOME: check that both are set and this user may write there',
    });
  }
  if (denied) {
    return new PlowError('connection', `no permission to use libvirt at ${uri}`, {
      ...details,
      hint: 'join the group libvirt (sudo usermod -aG libvirt $USER, then log in again), or use -c qemu:///session',
    });
  }
  const refused = error.errno === constants.errno.ECONNREFUSED && LOCAL.test(uri);
  if (error.errno === constants.errno.ENOENT || refused) {
    return new PlowError('connection', `cannot connect to ${uri}: libvirtd is not running`, {
      ...details,
      hint: 'start it: sudo systemctl start libvirtd (or virtqemud.socket), or give another URI with --connect',
    });
  }
  return new PlowError('connection', `cannot connect to ${uri}: ${withoutPassword(error.message)}`, {
    ...details,
    hint: `check the URI and that libvirtd runs there: virsh -c ${shellQuote(uri)} version`,
  });
}
