import { ignoreOption } from '../../options/ignore.ts';
import type { IgnoreOptions } from '../../options/ignore.ts';
import { outputOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import type { CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';

export const doctor: CommandRecord<readonly [], OutputFormat & IgnoreOptions> = {
  name: 'doctor',
  about: 'check that a hypervisor can run VMs, and say what repairs it',
  options: [ignoreOption, outputOption()],
  notes: `Checks libvirt, QEMU, KVM, UEFI firmware, the storage path and its free space,
SELinux or AppArmor, VM directories that other users can enter, bridges, VMs that have
equal MAC addresses, what becomes of VMs when the host shuts down, and its clock.
Changes nothing, but may start a storage pool for a moment. Some checks work only
on the hypervisor itself.
Ends with 0 if nothing failed, 5 if only the storage path failed, else 2.

Each complaint has a code, such as [kvm-missing]. Codes in doctor.ignore of the settings file
count for nothing until the day that stands there; those of --ignore for this once.`,
  examples: [
    'plow doctor',
    'plow -c qemu+ssh://root@hv2/system --storage-path /srv/vms doctor',
    'plow doctor --ignore kvm-missing,shutdown-hard',
    'plow doctor -o json',
  ],
  async run({ options: { output, ignore = [] }, globals, environment }) {
    const { runDoctor } = await import('./run.ts');
    const settings = await settingsOf(globals, environment, 'a place for VMs');
    return runDoctor(output, { ...settings, ignores: [...settings.ignores, ...ignore] }, environment);
  },
};
