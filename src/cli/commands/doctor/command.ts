import { ignoreOption } from '../../options/ignore.ts';
import type { IgnoreOptions } from '../../options/ignore.ts';
import { outputOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import type { CommandRecord } from '../../record/command.ts';
import { areSeveral } from '../../run/hosts/several.ts';
import { allSettingsOf } from '../../settings/settings.ts';

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
With --all-hosts, --host hv1,hv2 or --host label:prod each host is reported as it answers, and the highest
exit code counts; 3 where one could not be asked. -o json prints a line for each.

Each complaint has a code, such as [kvm-missing]. Codes in doctor.ignore of the settings file
count for nothing until the day that stands there; those of --ignore for this once.`,
  examples: [
    'plow doctor',
    'plow -c qemu+ssh://root@hv2/system --storage-path /srv/vms doctor',
    'plow doctor --ignore kvm-missing,shutdown-hard',
    'plow doctor -o json',
    'plow doctor --all-hosts',
  ],
  async run({ options: { output, ignore = [] }, globals, environment }) {
    const given = await allSettingsOf(globals, environment, 'a place for VMs');
    const all = given.map((one) => ({ ...one, ignores: [...one.ignores, ...ignore] }));
    const [settings] = all;
    if (settings === undefined) throw new Error('there is one host at least');
    if (!areSeveral(all)) return (await import('./run.ts')).runDoctor(output, settings, environment);
    return (await import('./hosts.ts')).runDoctorOnHosts(output, all, environment);
  },
};
