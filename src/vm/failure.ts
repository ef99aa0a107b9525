import { HypervisorError } from '../errors/hypervisor-error.ts';
import type { HypervisorErrorReason } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import type { FailureKind } from '../errors/plow-error.ts';

/** virErrorNumber of a call that was given up. */
const OPERATION_TIMEOUT = 68;

/** Reasons that say all there is to say. */
const CAUSES: Readonly<Partial<Record<HypervisorErrorReason, string>>> = {
  denied: 'permission denied there',
  'no-space': 'no space or no inode is left there',
  'read-only': 'the file system there is read-only',
};

/**
 * What a hypervisor's error means for the user. Errors of other kinds pass unchanged: a PlowError
 * has been explained already, anything else is a bug.
 */
export function explain(error: unknown, kind: FailureKind, message: string, hint?: string): unknown {
  if (!(error instanceof HypervisorError)) return error;
  const details = { detail: error.describe(), cause: error };
  if (error.reason === 'disconnected') {
    const hangs = error.code === OPERATION_TIMEOUT;
    return new PlowError(
      'connection',
      `${message}: ${hangs ? error.message : 'the connection to libvirt broke'}`,
      {
        ...details,
        hint: hangs
          ? 'a disk or a QEMU of the hypervisor may hang: --verbose shows the call'
          : 'check that libvirtd runs, then run plow list --all to see what is there',
      },
    );
  }
  const cause = kind === 'storage' ? CAUSES[error.reason] : undefined;
  if (cause !== undefined) return new PlowError(kind, `${message}: ${cause}`, details);
  return new PlowError(kind, message, hint === undefined ? details : { ...details, hint });
}

/** Waits for `work` and explains its error. */
export async function explaining<T>(
  work: Promise<T>,
  kind: FailureKind,
  message: string,
  hint?: string,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw explain(error, kind, message, hint);
  }
}
