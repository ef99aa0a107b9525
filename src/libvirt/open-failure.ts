import { constants } from 'node:os';
import type { HypervisorError } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import { withoutPassword } from '../text/secrets.ts';
import { shellQuote } from '../text/shell-quote.ts';
import { VIR_ERR, VIR_FROM } from './abi/error.ts';
import { askSsh } from '../this-machine/ask-ssh.ts';
import { explainSsh, knownSshFailure } from './ssh/failure.ts';
import { quietSshCall } from './ssh/target.ts';
import type { SshTarget } from './ssh/target.ts';

const SESSION = /^qemu(?:\+[a-z0-9]+)?:\/\/[^/]*\/session/u;
/** Over a socket on this machine. */
const LOCAL = /^[a-z]+(?:\+unix)?:\/\/\//u;

/** Whether libvirt works for a user there. */
export function isSessionUri(uri: string): boolean {
  return SESSION.test(uri);
}

/** Of an open that was given up. @param address may have a password in it */
export function noAnswer(address: string, withinMs: number): PlowError {
  const uri = withoutPassword(address);
  const message = `no answer from ${uri} within ${withinMs / 1000} seconds`;
  if (LOCAL.test(uri) && isSessionUri(uri)) {
    return new PlowError('connection', message, {
      hint: "this user's libvirtd accepts connections but does not serve them; to end it, and have the next command start it: pkill -KILL -U $(id -u) -x 'libvirtd|virtqemud'",
    });
  }
  if (LOCAL.test(uri)) {
    return new PlowError('connection', message, {
      hint: 'libvirtd accepts connections but does not serve them: restart it (systemctl restart libvirtd)',
    });
  }
  return new PlowError('connection', message, {
    hint: 'does that machine answer, and does libvirtd run there?',
  });
}

/** Of an open over ssh that was given up, or failed in words that nobody knows: ssh itself is asked once. */
export async function explainBySsh(
  address: string,
  target: SshTarget,
  error: HypervisorError | undefined,
): Promise<PlowError> {
  const words = error && withoutPassword(error.message);
  const known = words === undefined ? undefined : knownSshFailure(target, words);
  const { program, words: rest } = quietSshCall(address, target);
  const { message, hint } = known ?? explainSsh(target, words, await askSsh(program, rest));
  const details = error && { detail: withoutPassword(error.describe()), cause: error };
  return new PlowError('connection', message, { ...details, hint });
}

/** What an open that failed means for the user, but for one over ssh. */
export function explainOpen(address: string, error: HypervisorError): PlowError {
  const uri = withoutPassword(address);
  const details = { detail: withoutPassword(error.describe()), cause: error };
  const denied =
    error.code === VIR_ERR.AUTH_FAILED ||
    error.code === VIR_ERR.AUTH_CANCELLED ||
    error.code === VIR_ERR.AUTH_UNAVAILABLE ||
    error.domain === VIR_FROM.POLKIT ||
    error.domain === VIR_FROM.DBUS ||
    error.errno === constants.errno.EACCES;
  if (denied && isSessionUri(uri)) {
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
  if (error.errno === constants.errno.ENOENT && LOCAL.test(uri) && isSessionUri(uri)) {
    return new PlowError('connection', `cannot connect to ${uri}: this user's libvirtd did not start`, {
      ...details,
      hint: 'libvirtd --timeout=5 (or virtqemud --timeout=5) says why: it needs a HOME and an XDG_RUNTIME_DIR to write to',
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
