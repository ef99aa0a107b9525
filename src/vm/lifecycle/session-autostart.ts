import type { LoadedMachine } from '../../config/machine.ts';
import type { VmContext } from '../context.ts';

/** What autostart means where libvirt works for a user. https://libvirt.org/daemons.html */
export const SESSION_AUTOSTART =
  "nobody starts a session's libvirt at boot: autostart has the VM start when this user's libvirt does, which the first command after a boot brings about";

/** Of a VM whose file says it: by default every VM has it. */
export function tellAutostart(loaded: LoadedMachine, { hypervisor, progress }: VmContext): void {
  if (!hypervisor.isSession || !loaded.machine.autostart) return;
  const [there, top] = [loaded.mistake(['autostart'], ''), loaded.mistake([], '')];
  if (there.line !== top.line || there.column !== top.column) progress.note(SESSION_AUTOSTART);
}
