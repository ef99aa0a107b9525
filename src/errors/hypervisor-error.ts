/** What the callers of a hypervisor need to tell apart; all other causes are `other`. */
export type HypervisorErrorReason =
  | 'not-found'
  | 'already-exists'
  | 'not-running'
  | 'unsupported'
  | 'no-such-file'
  | 'not-a-directory'
  | 'not-empty'
  | 'in-use'
  | 'no-space'
  | 'read-only'
  | 'denied'
  | 'busy'
  /** The connection is one for looking, which may not ask that. */
  | 'forbidden'
  | 'disconnected'
  /** Another daemon of libvirt, which the one that plow talks to needs, is not there. */
  | 'daemon-down'
  | 'other';

export interface HypervisorErrorDetails {
  readonly reason: HypervisorErrorReason;
  /**
   * Of `disconnected`: where the line led to, without a password. Undefined for a server that lives, and left
   * a call that may wait for a disk or a QEMU without its answer.
   */
  readonly uri?: string | undefined;
  /** The C function that failed, for instance `virDomainCreate`. */
  readonly call: string;
  /** virErrorNumber. https://libvirt.org/html/libvirt-virterror.html#virErrorNumber */
  readonly code: number;
  /** virErrorDomain: the part of libvirt that raised it. */
  readonly domain: number;
  /** errno of the system call that failed on the hypervisor, for virErrorNumber 38 (SYSTEM_ERROR). */
  readonly errno?: number | undefined;
}

/** An error of the hypervisor, in its own words: rooms above say what it means for the user. */
export class HypervisorError extends Error {
  override readonly name = 'HypervisorError';
  readonly reason: HypervisorErrorReason;
  readonly uri: string | undefined;
  readonly call: string;
  readonly code: number;
  readonly domain: number;
  readonly errno: number | undefined;

  constructor(message: string, details: HypervisorErrorDetails) {
    super(message);
    this.reason = details.reason;
    this.uri = details.uri;
    this.call = details.call;
    this.code = details.code;
    this.domain = details.domain;
    this.errno = details.errno;
  }

  /** One line for `--verbose`. */
  describe(): string {
    return `${this.call}: ${this.message} [code ${this.code}, domain ${this.domain}]`;
  }
}

/** Undefined where the driver cannot tell. @throws all else that goes wrong */
export async function whereSupported<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (isReason(error, 'unsupported')) return undefined;
    throw error;
  }
}

/** True when `error` comes from the hypervisor and has this reason. */
export function isReason(error: unknown, reason: HypervisorErrorReason): error is HypervisorError {
  return error instanceof HypervisorError && error.reason === reason;
}
