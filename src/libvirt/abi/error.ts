import { constants } from 'node:os';
import koffi from 'koffi';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import type { HypervisorErrorReason } from '../../errors/hypervisor-error.ts';
import { callLocal, functionAddress } from './native.ts';
import { VIR_ERROR } from './structs.ts';
import type { Pointer } from './native.ts';

/** virErrorNumber values that plow tells apart. */
export const VIR_ERR = {
  INTERNAL_ERROR: 1,
  NO_SUPPORT: 3,
  INVALID_ARG: 8,
  OPERATION_FAILED: 9,
  OPERATION_DENIED: 29,
  SYSTEM_ERROR: 38,
  RPC: 39,
  NO_DOMAIN: 42,
  AUTH_FAILED: 45,
  NO_STORAGE_POOL: 49,
  NO_STORAGE_VOL: 50,
  OPERATION_INVALID: 55,
  NO_NETWORK: 43,
  NO_INTERFACE: 57,
  OPERATION_TIMEOUT: 68,
  NO_DOMAIN_SNAPSHOT: 72,
  AUTH_CANCELLED: 79,
  NO_DOMAIN_METADATA: 80,
  STORAGE_VOL_EXIST: 90,
  AUTH_UNAVAILABLE: 94,
} as const;

/** virErrorDomain values that plow tells apart. */
export const VIR_FROM = { RPC: 7, STORAGE: 18, POLKIT: 60, DBUS: 47 } as const;

interface VirError {
  readonly code: number;
  readonly domain: number;
  readonly message: string | null;
  /** errno, for SYSTEM_ERROR. */
  readonly int1: number;
}

const REASONS: Readonly<Record<number, HypervisorErrorReason>> = {
  [VIR_ERR.NO_SUPPORT]: 'unsupported',
  [VIR_ERR.OPERATION_DENIED]: 'forbidden',
  [VIR_ERR.NO_DOMAIN]: 'not-found',
  [VIR_ERR.NO_STORAGE_POOL]: 'not-found',
  [VIR_ERR.NO_STORAGE_VOL]: 'not-found',
  [VIR_ERR.NO_NETWORK]: 'not-found',
  [VIR_ERR.NO_INTERFACE]: 'not-found',
  [VIR_ERR.NO_DOMAIN_SNAPSHOT]: 'not-found',
  [VIR_ERR.NO_DOMAIN_METADATA]: 'not-found',
  [VIR_ERR.STORAGE_VOL_EXIST]: 'already-exists',
  [VIR_ERR.OPERATION_TIMEOUT]: 'busy',
};

/** C functions in which OPERATION_FAILED means that the name is taken. */
const DEFINING = new Set(['virDomainDefineXMLFlags', 'virStoragePoolDefineXML', 'virStoragePoolCreateXML']);

/** C functions in which it means that somebody else has the thing. */
const OCCUPYING = new Set(['virDomainOpenConsole']);

const { EACCES, EBUSY, ECONNREFUSED, EDQUOT, EEXIST, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY, EPERM, EROFS } =
  constants.errno;

/** Nobody listens. */
const ABSENT: ReadonlySet<number> = new Set([ECONNREFUSED, ENOENT]);
const UNREACHABLE: ReadonlySet<number> = new Set([EACCES, ...ABSENT]);

const SYSTEM_REASONS: Readonly<Record<number, HypervisorErrorReason>> = {
  [ENOENT]: 'no-such-file',
  [ENOTDIR]: 'not-a-directory',
  [ENOTEMPTY]: 'not-empty',
  [EEXIST]: 'not-empty',
  [ENOSPC]: 'no-space',
  [EDQUOT]: 'no-space',
  [EROFS]: 'read-only',
  [EACCES]: 'denied',
  [EPERM]: 'denied',
  // Of rmdir(2): a mount point.
  [EBUSY]: 'in-use',
};

/**
 * libvirt 9.0 has no number of its own for it, later ones say OPERATION_INVALID. libvirtd speaks English
 * unless told to.
 */
const JOBS_RUNNING = /asynchronous jobs running/u;

function reasonOf(call: string, { code, domain, int1, message }: VirError): HypervisorErrorReason {
  const internal = code === VIR_ERR.INTERNAL_ERROR && domain === VIR_FROM.STORAGE;
  if (internal && JOBS_RUNNING.test(message ?? '')) return 'busy';
  if (code === VIR_ERR.OPERATION_FAILED && DEFINING.has(call)) return 'already-exists';
  if (code === VIR_ERR.OPERATION_FAILED && OCCUPYING.has(call)) return 'in-use';
  if (code === VIR_ERR.OPERATION_INVALID) return domain === VIR_FROM.STORAGE ? 'busy' : 'not-running';
  // A modular daemon that cannot reach another one says so in the RPC domain too, with the errno of
  // connect(2).
  const ownLink = code !== VIR_ERR.SYSTEM_ERROR || !UNREACHABLE.has(int1);
  if (code === VIR_ERR.RPC || (domain === VIR_FROM.RPC && ownLink)) return 'disconnected';
  if (domain === VIR_FROM.RPC && ABSENT.has(int1) && !call.startsWith('virConnectOpen')) return 'daemon-down';
  if (code === VIR_ERR.SYSTEM_ERROR) return SYSTEM_REASONS[int1] ?? 'other';
  return REASONS[code] ?? 'other';
}

function toHypervisorError(call: string, error: VirError | undefined, uri?: string): HypervisorError {
  if (error === undefined || error.code === 0) {
    return new HypervisorError('failed without a reason', { reason: 'other', call, code: 0, domain: 0 });
  }
  const message = error.message ?? 'no message';
  const reason = reasonOf(call, error);
  return new HypervisorError(message, {
    reason,
    uri: reason === 'disconnected' ? uri : undefined,
    call,
    code: error.code,
    domain: error.domain,
    errno: error.code === VIR_ERR.SYSTEM_ERROR ? error.int1 : undefined,
  });
}

/** Where errors of connections are copied to. */
let copy: bigint | undefined;

/**
 * The error of the last call on `connection` that failed, which is forgotten there: number 0 where there is
 * none. It is copied, as others may fail on it meanwhile.
 * @param uri without a password
 */
export function takeErrorOf(connection: Pointer<'virConnect'>, call: string, uri: string): HypervisorError {
  copy ??= koffi.alloc(VIR_ERROR, 1) as bigint;
  callLocal('virConnCopyLastError', connection, copy);
  const error = koffi.decode(copy, VIR_ERROR) as VirError;
  callLocal('virResetError', copy);
  callLocal('virConnResetLastError', connection);
  return toHypervisorError(call, error, uri);
}

/** One that takes longer hangs, and says nothing. */
const HUNG_MS = 3000;

/** Opens of amongOthers that are under way, and when they began. */
const underWay = new Map<Promise<unknown>, number>();
/** Asked again, one after the other. */
let lastAsked: Promise<unknown> = Promise.resolve();

/** Of an open among others that failed: alone it is told why. */
export class Untold extends Error {}

/**
 * As capturingOpenError, where several are opened at the same time: there is one place for the error, which
 * others would write to. @throws Untold for one that fails
 */
export async function amongOthers<T>(open: () => Promise<T | null>): Promise<T> {
  await lastAsked;
  silence();
  const opening = open();
  underWay.set(opening, performance.now());
  const opened = await opening.finally(() => underWay.delete(opening));
  if (opened === null) throw new Untold();
  return opened;
}

/** Does `ask` when no open of amongOthers is under way, but for those that hang, and nothing else asks. */
export async function alone<T>(ask: () => Promise<T>): Promise<T> {
  const asking = lastAsked.then(async () => {
    const begun = Math.max(...underWay.values(), 0);
    const left = HUNG_MS - (performance.now() - begun);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, Math.max(0, left));
    });
    await Promise.race([Promise.allSettled(underWay.keys()), late]);
    clearTimeout(timer);
    return ask();
  });
  lastAsked = asking.catch(() => undefined);
  return asking;
}

/** libvirt would write to stderr. */
function silence(): void {
  callLocal('virSetErrorFunc', null, functionAddress('virResetError'));
}

/**
 * Has what goes wrong on a connection kept there and told nobody else: not to stderr, and not to the place
 * for the error of an open that is under way.
 */
export function keepErrorsOf(connection: Pointer<'virConnect'>): void {
  callLocal('virConnSetErrorFunc', connection, null, functionAddress('virResetError'));
}

let place: bigint | undefined;

/**
 * Runs `open` and reads its error. Before a connection exists, libvirt keeps errors per thread, and the
 * thread is a worker: libvirt's own virCopyLastError, installed as the error handler, copies it to a place of
 * ours. (A JavaScript callback here would deadlock when the process leaves while a call fails.) Once a
 * connection is open, the handler is virResetError(NULL), which does nothing: it keeps libvirt from writing
 * to stderr.
 */
export async function capturingOpenError<T>(call: string, open: () => Promise<T | null>): Promise<T> {
  // For good: an open that was given up may fail, and be copied, at the very end.
  place ??= koffi.alloc(VIR_ERROR, 1) as bigint;
  callLocal('virSetErrorFunc', place, functionAddress('virCopyLastError'));
  try {
    const opened = await open();
    if (opened === null) throw toHypervisorError(call, koffi.decode(place, VIR_ERROR) as VirError);
    return opened;
  } finally {
    silence();
    // The copy's strings.
    callLocal('virResetError', place);
  }
}
