import { HypervisorError } from '../errors/hypervisor-error.ts';
import type { HypervisorErrorReason } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import type { FailureKind } from '../errors/plow-error.ts';
import { sureGuess } from './guess.ts';

/** virErrorNumber of a call that was given up. */
const OPERATION_TIMEOUT = 68;

const HANGS = 'a disk or a QEMU of the hypervisor may hang: --verbose shows the call';
const BROKE =
  'libvirtd (or virtqemud) ended or hangs, or the network is cut: once it answers, plow list --all shows what is there';

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
    // The line holds, and the server lives.
    const hangs = error.code === OPERATION_TIMEOUT && error.uri === undefined;
    const words = hangs ? error.message : `the line to ${error.uri ?? 'libvirt'} broke`;
    const help = hangs ? whatHangs(error.call) : BROKE;
    return new PlowError('connection', `${message}: ${words}`, { ...details, hint: help });
  }
  if (error.reason === 'daemon-down') {
    const { what, repair } = daemonDown(error);
    const start = `start it on the hypervisor: sudo ${repair}`;
    return new PlowError('connection', `${message}: ${what}`, { ...details, hint: start });
  }
  if (error.reason === 'forbidden') {
    return new PlowError(kind, `${message}: this account may only look there`, details);
  }
  const cause = kind === 'storage' ? CAUSES[error.reason] : undefined;
  if (cause !== undefined) return new PlowError(kind, `${message}: ${cause}`, details);
  const help = hint ?? sureGuess(error.message);
  return new PlowError(kind, message, help === undefined ? details : { ...details, hint: help });
}

/** Storage and interfaces have daemons of their own where libvirt is modular. */
function whatHangs(call: string): string {
  const daemon = call.includes('Storage')
    ? 'virtstoraged'
    : call.includes('Interface')
      ? 'virtinterfaced'
      : undefined;
  if (daemon === undefined) return HANGS;
  const disk = daemon === 'virtstoraged' ? ', or a directory of a pool' : '';
  return `on the hypervisor ${daemon} (or libvirtd)${disk} may hang: --verbose shows the call`;
}

/** Of an error of that reason: what is so there, and the command that mends it. */
export function daemonDown({ message }: HypervisorError): { readonly what: string; readonly repair: string } {
  const daemon = daemonOf(message);
  const what = `${daemon ?? 'a daemon of libvirt'} is not running there`;
  return { what, repair: `systemctl start ${daemon ?? 'virtqemud'}.socket` };
}

/** By its socket: `/var/run/libvirt/virtstoraged-sock`. */
function daemonOf(message: string): string | undefined {
  return /\/(?<daemon>[a-z]{1,30}d)-(?:admin-)?sock(?:-ro)?'/u.exec(message)?.groups?.['daemon'];
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
