import { PlowError } from '../../../errors/plow-error.ts';
import { forceAddressOption } from '../../options/force-address.ts';
import type { ForceAddress } from '../../options/force-address.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { checkVmName } from '../../options/vm-name.ts';
import type { CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';

interface Options extends OutputFormat, ForceAddress {
  readonly ip?: readonly string[];
  readonly snapshot?: string;
  readonly linked?: boolean;
  readonly keepIdentity?: boolean;
  readonly start?: boolean;
  readonly quiet?: boolean;
}

export const clone: CommandRecord<readonly [string, string], Options> = {
  name: 'clone',
  about: 'make a VM of the disks of another one, with an identity of its own',
  summary: 'make a VM of the disks of another one',
  args: [
    { usage: '<vm-name>', about: 'name or UUID of a VM that plow made', completes: { kind: 'vms' } },
    { usage: '<new-name>', about: 'name of the clone' },
  ],
  options: [
    {
      flags: '--ip <address/prefix>',
      about: 'address of the clone; for a VM with several interfaces repeated, in their order',
      parse: (one, before) => (Array.isArray(before) ? [...before, one] : [one]),
    },
    { flags: '--snapshot <name>', about: 'its disks as this snapshot has them; the VM may run' },
    { flags: '--linked', about: 'with --snapshot: stand on the files of the snapshot, and copy nothing' },
    { flags: '--keep-identity', about: 'also of a guest that cannot be told that it is another one' },
    forceAddressOption('a name of another host or an IP address'),
    { flags: '--start', about: 'start it also with --keep-identity' },
    { flags: '--no-start', about: 'leave it off' },
    outputOption('text for people, or a JSON document'),
    quietOption('output'),
  ],
  notes: `The clone has the CPUs, memory, disks, users and keys of the VM, and its own UUID, MAC and IP
addresses, host name, ssh host keys, instance-id, machine id and UEFI variables. cloud-init tells its
guest so at the first start, as it does for a new VM. The VM must be off, or --snapshot given. A copy
stands on nothing, not even on a base image. The files of the snapshot on which a linked clone stands
stay as long as it needs them, also when the snapshot or the VM is destroyed.`,
  examples: [
    'plow clone web-1 web-2 --ip 10.20.30.42/24',
    'plow clone web-1 web-2 --ip 10.20.30.42/24 --no-start',
    'plow clone router router-2 --ip 10.0.0.2/24 --ip 10.1.0.2/24',
    'plow clone web-1 web-2 --ip 10.20.30.42/24 --snapshot before-upgrade',
    'plow clone web-1 web-2 --ip 10.20.30.42/24 --snapshot before-upgrade --linked',
    'plow clone old old-2 --ip 10.20.30.42/24 --keep-identity --start',
    'plow clone web-1 web-2 --ip 10.20.30.42/24 --force-address',
    'plow clone -o json web-1 web-2 --ip 10.20.30.42/24 | jq -r .uuid',
    'plow clone --quiet web-1 web-2 --ip 10.20.30.42/24',
  ],
  async run({ args: [source, name], options, globals, environment }) {
    checkVmName('clone', source);
    const { ip: addresses = [], snapshot, linked: isLinked = false, keepIdentity = false } = options;
    if (addresses.length === 0)
      throw new PlowError('config', 'clone wants the address of the clone, --ip 10.20.30.42/24', {
        hint: 'plow show tells those of the VM itself',
      });
    if (isLinked && snapshot === undefined)
      throw new PlowError('config', '--linked wants --snapshot: nobody writes to the files of one', {
        hint: 'plow snapshot create takes one, of a VM that runs too',
      });
    const { runClone } = await import('./run.ts');
    const settings = await settingsOf(globals, environment, 'a place for VMs');
    const wish = { name, addresses, snapshot, isLinked, keepIdentity, isStarted: options.start };
    const { addressGuards } = await import('../../run/address-guard.ts');
    const guard = (await addressGuards(globals, environment, options.forceAddress))(settings);
    const format = options.quiet === true ? 'quiet' : options.output;
    await runClone(source, { ...wish, guard }, format, settings, environment);
    return 0;
  },
};
