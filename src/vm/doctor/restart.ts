/** Ends the libvirt of a user, which the next command starts anew; its VMs run on. */
export const RESTART_SESSION = "pkill -U $(id -u) -x 'libvirtd|virtqemud'";

/** The command that has libvirt look at the machine again. */
export function restart({ isSession }: { readonly isSession: boolean }): string {
  return isSession ? RESTART_SESSION : 'systemctl restart libvirtd';
}
