import type { LocalView } from '../../hypervisor/local.ts';
import { daemonName } from '../daemon.ts';

/** Ends the libvirt of a user, which the next command starts anew; its VMs run on. */
export const RESTART_SESSION = "pkill -U $(id -u) -x 'libvirtd|virtqemud'";

/** The command that has libvirt look at the machine again. */
export async function restart({
  isSession,
  local,
}: Pick<LocalView, 'local'> & { readonly isSession: boolean }): Promise<string> {
  return isSession ? RESTART_SESSION : `systemctl restart ${await daemonName(local)}`;
}
