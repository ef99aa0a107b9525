import { existsSync } from 'node:fs';

const SOCKETS = '/run/libvirt';

/** Whether any of them is there, be it that it runs or not. */
export function isDaemonInstalled(): boolean {
  return ['libvirtd', 'virtqemud'].some((daemon) => existsSync(`/usr/sbin/${daemon}`));
}

/** Which of them runs the VMs of the system here; undefined where neither listens. */
export function daemonHere(): 'libvirtd' | 'virtqemud' | undefined {
  // Beside the modular daemons virtproxyd has the socket of libvirtd.
  if (existsSync(`${SOCKETS}/virtqemud-sock`)) return 'virtqemud';
  return existsSync(`${SOCKETS}/libvirt-sock`) ? 'libvirtd' : undefined;
}
