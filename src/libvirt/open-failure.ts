import { constants } from 'node:os';
import { HypervisorError } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import type { Denial } from '../hypervisor/access.ts';
import { withoutPassword } from '../text/secrets.ts';
import { shellQuote } from '../text/shell-quote.ts';
import { installing, managerOf } from '../text/installing.ts';
import type { Packages } from '../text/installing.ts';
import { VIR_ERR, VIR_FROM } from './abi/error.ts';
import { askSsh } from '../this-machine/ask-ssh.ts';
import type { SshAnswer } from '../this-machine/ask-ssh.ts';
import { daemonHere, isDaemonInstalled } from '../this-machine/daemon.ts';
import { osRelease } from '../this-machine/distribution.ts';
import { accountOf, deniedThere, explainSsh, isDeniedThere, knownSshFailure } from './ssh/failure.ts';
import type { SshFailure } from './ssh/failure.ts';
import { endMaster, hasMaster } from './ssh/master.ts';
import { quietSshCall, sshTarget } from './ssh/target.ts';
import type { SshTarget } from './ssh/target.ts';
import { isLocalUri, isSessionUri, isUsualSocketUri } from './uri.ts';

/** By its own pid file: of root a libvirtd of the system runs as well. */
const KILL_SESSION = 'kill -KILL $(cat "$XDG_RUNTIME_DIR"/libvirt/{libvirtd,virtqemud}.pid 2>/dev/null)';
/** What runs the VMs where it is not known. */
const EITHER = 'libvirtd (or virtqemud)';

/** Of an open that was given up. @param address may have a password in it @param mayAsk a dialog may be up */
export function noAnswer(address: string, withinMs: number, mayAsk = false): PlowError {
  const uri = withoutPassword(address);
  const message = `no answer from ${uri} within ${withinMs / 1000} seconds`;
  if (isLocalUri(uri) && isSessionUri(uri)) {
    return new PlowError('connection', message, {
      hint: `this user's libvirtd accepts connections but does not serve them; to end it, and have the next command start it: ${KILL_SESSION}`,
    });
  }
  if (!isLocalUri(uri)) {
    return new PlowError('connection', message, {
      hint: `does that machine answer, and does ${EITHER} run there?`,
    });
  }
  const daemon = (isUsualSocketUri(uri) ? daemonHere() : undefined) ?? daemonOfSocket(uri);
  const restart = `restart it (systemctl restart ${daemon ?? EITHER})`;
  const hangs = `${daemon ?? EITHER} accepts connections but does not serve them: ${restart}`;
  return new PlowError('connection', message, {
    hint: mayAsk ? `a dialog that asks for a password was not answered, or ${hangs}` : hangs,
  });
}

/** By the path of a socket: a word of its end tells. */
function daemonOfSocket(words: string): 'libvirtd' | 'virtqemud' | undefined {
  if (words.includes('/virtqemud-sock')) return 'virtqemud';
  return words.includes('/libvirt-sock') ? 'libvirtd' : undefined;
}

/** libvirt knows the account, or asks polkit about it, and lets it not in, or not yet. */
function isDenied({ code, domain, errno }: HypervisorError): boolean {
  return (
    code === VIR_ERR.AUTH_FAILED ||
    code === VIR_ERR.AUTH_CANCELLED ||
    code === VIR_ERR.AUTH_UNAVAILABLE ||
    domain === VIR_FROM.POLKIT ||
    domain === VIR_FROM.DBUS ||
    errno === constants.errno.EACCES
  );
}

/**
 * Of an open that failed as the account may not write: what it may not, and what gives it all. Undefined for
 * any other failure, and for a session, which refuses nothing but what is broken. @param error as explained
 */
export function denialOf(uri: string, error: unknown): Denial | undefined {
  if (!(error instanceof PlowError) || !(error.cause instanceof HypervisorError)) return undefined;
  const { cause, hint = '' } = error;
  const ssh = sshTarget(uri);
  if (isSessionUri(uri)) return undefined;
  if (ssh !== undefined) {
    const isKept = isDenied(cause) || isDeniedThere(cause.message);
    return isKept ? { what: `${accountOf(ssh)} may do no more on ${ssh.host}`, repair: hint } : undefined;
  }
  if (!isDenied(cause)) return undefined;
  const repair = isLocalUri(uri) ? JOIN : hint;
  return { what: `this account may do no more at ${withoutPassword(uri)}`, repair };
}

const DAEMON: Packages = {
  apt: 'libvirt-daemon-system',
  dnf: 'libvirt-daemon-kvm',
  zypper: 'libvirt-daemon-qemu',
};

const JOIN = 'join the group libvirt (sudo usermod -aG libvirt $USER, then log in again)';

/**
 * Of an open over ssh that was given up, or failed in words that nobody knows: ssh itself is asked once.
 * @param answer of ssh, where it was asked already
 */
export async function explainBySsh(
  address: string,
  target: SshTarget,
  error: HypervisorError | undefined,
  answer?: SshAnswer,
): Promise<PlowError> {
  const words = error && withoutPassword(error.message);
  const known =
    error !== undefined && isDenied(error) ? deniedThere(target) : words && knownSshFailure(target, words);
  const { message, hint } = known || (await unknownFailure(address, target, words, answer));
  const details = error && { detail: withoutPassword(error.describe()), cause: error };
  return new PlowError('connection', message, { ...details, hint });
}

async function unknownFailure(
  address: string,
  target: SshTarget,
  words: string | undefined,
  answer: SshAnswer | undefined,
): Promise<SshFailure> {
  const said = answer ?? (await asked(address, target));
  const failure = explainSsh(target, words, said);
  if (said.kind !== 'silent' || !(await hasMaster(address, target))) return failure;
  const dead = `ssh keeps a connection to it (ControlMaster), which may be dead: ${endMaster(target)} ends it`;
  return { ...failure, hint: `${dead}; ${failure.hint}` };
}

function asked(address: string, target: SshTarget): Promise<SshAnswer> {
  const { program, words } = quietSshCall(address, target);
  return askSsh(program, words);
}

/**
 * What ssh itself says of an open over it, among others, of which libvirt cannot say why it failed; undefined
 * where a program in its place is not to be asked, or it is no open over ssh. All are asked at the same time.
 */
export async function sshAnswer(address: string): Promise<SshAnswer | undefined> {
  const target = sshTarget(address);
  if (target === undefined || quietSshCall(address, target).program !== 'ssh') return undefined;
  return asked(address, target);
}

/**
 * A daemon that libvirt's client started: its socket never came, or went away again before it had answered,
 * which depends on how long it took to find out that it cannot work.
 */
function hasNotStarted({ errno }: HypervisorError): boolean {
  const { ENOENT, ECONNREFUSED, ECONNRESET, EPIPE, EIO } = constants.errno;
  return errno !== undefined && [ENOENT, ECONNREFUSED, ECONNRESET, EPIPE, EIO].includes(errno);
}

/** What an open that failed means for the user, but for one over ssh. */
export function explainOpen(address: string, error: HypervisorError): PlowError {
  const uri = withoutPassword(address);
  const details = { detail: withoutPassword(error.describe()), cause: error };
  const denied = isDenied(error);
  if (denied && isSessionUri(uri)) {
    return new PlowError('connection', `libvirt cannot work for this user at ${uri}`, {
      ...details,
      hint: 'it keeps files below XDG_RUNTIME_DIR and HOME: check that both are set and this user may write there',
    });
  }
  if (denied) {
    return new PlowError('connection', `no permission to use libvirt at ${uri}`, {
      ...details,
      hint: isLocalUri(uri)
        ? `${JOIN}, or use -c qemu:///session`
        : 'that machine has to let this account in: see auth_tcp and auth_tls in its libvirtd.conf (or virtproxyd.conf)',
    });
  }
  if (hasNotStarted(error) && isLocalUri(uri) && isSessionUri(uri)) {
    return new PlowError('connection', `cannot connect to ${uri}: this user's libvirtd did not start`, {
      ...details,
      hint: 'libvirtd --timeout=5 (or virtqemud --timeout=5) says why: it needs a HOME and an XDG_RUNTIME_DIR to write to',
    });
  }
  const isMissing = error.errno === constants.errno.ENOENT && isUsualSocketUri(uri) && !isDaemonInstalled();
  if (isMissing) {
    return new PlowError('connection', `cannot connect to ${uri}: libvirt is not installed on this machine`, {
      ...details,
      hint: `install it: ${installing(DAEMON, managerOf(osRelease()))}; or give the URI of another machine with --connect`,
    });
  }
  const refused = error.errno === constants.errno.ECONNREFUSED && isLocalUri(uri);
  if (error.errno === constants.errno.ENOENT || refused) {
    const isModular = daemonOfSocket(error.message) === 'virtqemud';
    const unit = isModular ? 'virtqemud.socket' : 'libvirtd (or virtqemud.socket)';
    const daemon = isModular ? 'virtqemud' : 'libvirtd';
    return new PlowError('connection', `cannot connect to ${uri}: ${daemon} is not running`, {
      ...details,
      hint: `start it: sudo systemctl start ${unit}, or give another URI with --connect`,
    });
  }
  return new PlowError('connection', `cannot connect to ${uri}: ${withoutPassword(error.message)}`, {
    ...details,
    hint: `check the URI and that libvirtd or virtqemud runs there: virsh -c ${shellQuote(uri)} version`,
  });
}
