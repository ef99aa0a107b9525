import { outputOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import type { CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';

export const doctor: CommandRecord<readonly [], OutputFormat> = {
  name: 'doctor',
  about: 'check that a hypervisor can run VMs, and name what repairs it',
  options: [outputOption()],
  notes: `Checks libvirt, QEMU, KVM, UEFI firmware, the storage path and its free space,
SELinux or AppArmor, directories of VMs that others pass, bridges, VMs that have
equal MAC addresses, what becomes of VMs when the host shuts down, and its clock.
Changes nothing, but may start pools of the hypervisor for the time. Some of it can
only be told on the hypervisor itself.
Ends with 0 where nothing failed, 5 where only the storage path did, else 2.`,
  examples: [
    'plow doctor',
    'plow -c qemu+ssh://root@hv2/system --storage-path /srv/vms doctor',
    'plow doctor -o json',
  ],
  async run({ options: { output }, globals, environment }) {
    const { runDoctor } = await import('./run.ts');
    const settings = await settingsOf(globals, environment, 'everything');
    return runDoctor(output, settings, environment);
  },
};
