import type { LocalFacts } from '../hypervisor/local.ts';

/** The socket of the modular daemon that runs VMs; beside it virtproxyd has that of libvirtd. */
const MODULAR = '/run/libvirt/virtqemud-sock';

/** What to restart there. @param local undefined where the hypervisor is another machine, or may be */
export async function daemonName(local: Pick<LocalFacts, 'exists'> | undefined): Promise<string> {
  if (local === undefined) return 'libvirtd (or virtqemud)';
  return (await local.exists(MODULAR)) ? 'virtqemud' : 'libvirtd';
}
