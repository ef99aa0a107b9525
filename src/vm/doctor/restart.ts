import type { LocalView } from '../../hypervisor/local.ts';
import { daemonName } from '../daemon.ts';

/**
 * Ends the libvirt of a user, which the next command starts anew; its VMs run on. By its own pid file: of
 * root a libvirtd of the system runs as well.
 */
export const RESTART_SESSION = 'kill $(cat "$XDG_RUNTIME_DIR"/libvirt/{libvirtd,virtqemud}.pid 2>/dev/null)';

/** The command that has libvirt look at the machine again. */
export async function restart({
  isSession,
  local,
}: Pick<LocalView, 'local'> & { readonly isSession: boolean }): Promise<string> {
  return isSession ? RESTART_SESSION : `systemctl restart ${await daemonName(local)}`;
}
