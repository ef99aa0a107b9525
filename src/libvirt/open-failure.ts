import { constants } from 'node:os';
import type { HypervisorError } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import { withoutPassword } from '../text/secrets.ts';
import { shellQuote } from '../text/shell-quote.ts';
import { VIR_ERR, VIR_FROM } from './abi/error.ts';
import { sshCommand, sshFailure, sshTarget } from './ssh-failure.ts';

const SESSION = /^qemu(?:\+[a-z0-9]+)?:\/\/[^/]*\/session/u;
/** Over a socket on this machine. */
const LOCAL = /^[a-z]+(?:\+unix)?:\/\/\//u;

/** Of an open that was given up. @param address may have a password in it */
export function noAnswer(address: string, withinMs: number): PlowError {
  const uri = withoutPassword(address);
  const message = `no answer from ${uri} within ${withinMs / 1000} seconds`;
  if (LOCAL.test(uri)) {
    return new PlowError('connection', message, {
      hint: 'libvirtd accepts connections but does not serve them: restart it (systemctl restart libvirtd)',
    });
  }
  const target = sshTarget(uri);
  const looks =
    target === undefined
      ? 'does that machine answer, and does libvirtd run there?'
      : `${sshCommand(target, 'true')} tells whether ssh comes through, and what it asks; else libvirtd there hangs`;
  return new PlowError('connection', message, { hint: looks });
}

/** What an open that failed means for the user. */
export function explainOpen(address: string, error: HypervisorError): PlowError {
  const uri = withoutPassword(address);
  const details = { detail: withoutPassword(error.describe()), cause: error };
  const ssh = sshFailure(uri, withoutPassword(error.message));
  if (ssh !== undefined) return new PlowError('connection', ssh.message, { ...details, hint: ssh.hint });
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
