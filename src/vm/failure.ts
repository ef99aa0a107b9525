import { HypervisorError } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import type { FailureKind } from '../errors/plow-error.ts';

/**
 * What a hypervisor's error means for the user. Errors of other kinds pass unchanged: a PlowError
 * has been explained already, anything else is a bug.
 */
export function explain(error: unknown, kind: FailureKind, message: string, hint?: string): unknown {
  if (!(error instanceof HypervisorError)) return error;
  const details = { detail: error.describe(), cause: error };
  if (error.reason === 'disconnected') {
    return new PlowError('connection', `${message}: the connection to libvirt broke`, {
      ...details,
      hint: 'check that libvirtd runs, then run plow list --all to see what is there',
    });
  }
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
