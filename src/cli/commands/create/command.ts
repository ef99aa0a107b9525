import { lifetime } from '../../options/lifetime.ts';
import { CONDITIONS } from '../../../vm/wait/evidence.ts';
import type { Condition } from '../../../vm/wait/evidence.ts';
import { someTimeMs } from '../../options/duration.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { forceAddressOption } from '../../options/force-address.ts';
import type { ForceAddress } from '../../options/force-address.ts';
import { imagesLockOption } from '../../options/images-lock.ts';
import { OUTSIDE_FILES_OPTION } from '../../options/outside-files.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import { SET_OPTION } from '../../options/set.ts';
import type { CommandRecord } from '../../record/command.ts';
import { YAML_FILES } from '../../record/yaml-files.ts';
import { placesOf } from '../../settings/places.ts';

interface Options extends OutputFormat, OutsideFiles, ForceAddress {
  readonly dryRun?: boolean;
  readonly showSecrets?: boolean;
  readonly ifNotExists?: boolean;
  /** Minutes. */
  readonly for?: number;
  readonly adoptData?: boolean;
  readonly anycast?: boolean;
  readonly upload?: boolean;
  readonly quiet?: boolean;
  readonly wait?: boolean;
  readonly waitFor?: Condition;
  /** Milliseconds. */
  readonly waitTimeout?: number;
}

export const create: CommandRecord<readonly [readonly string[]], Options> = {
  name: 'create',
  about: 'create VMs from YAML files and start them (sizes in GiB)',
  args: [
    {
      usage: '<config.yaml...>',
      about: 'VM configurations; directories of them; - for standard input',
      completes: YAML_FILES,
    },
  ],
  options: [
    { flags: '--if-not-exists', about: 'leave a VM that exists already as it is; that is no error' },
    {
      flags: '--for <duration>',
      about: 'how long they may live: 45m, 12h, 7d, 2w; in place of expires in the files',
      parse: lifetime,
    },
    {
      flags: '--adopt-data',
      about: 'take the data disks as they are there, where destroy --keep-data left them',
    },
    forceAddressOption('a name of another host, an IP or a MAC address'),
    {
      flags: '--anycast',
      about: 'announce a routed address (mode: ethernet) that a VM of another host has from both',
    },
    {
      flags: '--upload',
      about: 'bring base images of this machine (image: ./debian-12.qcow2) to the hypervisor, each once',
    },
    { flags: '--dry-run', about: 'check what can be checked without a change, and print what would be made' },
    {
      flags: '--show-secrets',
      about: 'with --dry-run: print secrets too: password hashes, private keys and what looks like one',
    },
    {
      flags: '--wait',
      about: 'then wait until they answer to ssh, as plow wait does',
      conflicts: ['dryRun'],
    },
    {
      flags: '--wait-for <condition>',
      about: 'then wait for that',
      choices: CONDITIONS.filter((one) => one !== 'stopped'),
      conflicts: ['dryRun'],
    },
    {
      flags: '--wait-timeout <duration>',
      about: 'how long the VMs may take: 90s, 10m (default: 5m)',
      parse: someTimeMs,
    },
    SET_OPTION,
    OUTSIDE_FILES_OPTION,
    imagesLockOption('beside the VM file'),
    outputOption('text for people, or a JSON document for each VM'),
    quietOption('output', 'dryRun'),
  ],
  notes: `All files are checked before anything is made; names, IP and MAC addresses must differ between
them, and from those in use on this and the other hosts of the settings. Then one VM is made after the other. If one fails, what was made of it
is removed, and the others are still made. From a directory the files *.yaml and *.yml are taken.`,
  examples: [
    'plow create examples/simple-vm.yaml',
    'plow create web.yaml db.yaml',
    'plow create --if-not-exists vms/',
    'plow create vms/                            # with host: hv1 in some, host: hv2 in others',
    'plow create --for 7d test.yaml               # plow gc ends it after that',
    'plow destroy --keep-data db && plow create --adopt-data db.yaml',
    "sed 's/web-1/web-2/; s/30.41/30.42/' web-1.yaml | plow create -",
    `plow create -o json vms/ | jq -r 'select(.status == "created") | .addresses[0]'`,
    'plow create --quiet vm.yaml && echo made',
    'plow -c qemu+ssh://root@hv1/system create --upload vm.yaml   # with image: ./debian-12.qcow2 in it',
    'plow create --wait vm.yaml',
    'plow create --anycast dns-2.yaml            # its address is that of dns-1 on another host',
    'plow create --wait-for cloud-init --wait-timeout 10m vm.yaml',
    'plow create --set name=web-3 --set network_interfaces.0.ip=10.20.30.43/24 web.yaml',
    'plow create --dry-run vm.yaml',
    'plow create --dry-run --show-secrets -o json vm.yaml',
    'plow create --force-address vm.yaml         # where networks of two hosts have the same addresses',
    'plow create --allow-outside-files vm.yaml   # with user_data: ../user-data.yaml in it',
    'plow create --images-lock ../images.lock vm.yaml   # with image: debian-12 in it',
    'PLOW_VIRT_TYPE=qemu plow create vm.yaml     # emulate, where there is no KVM',
  ],
  appendix: `The smallest file:
  name: my-vm
  vcpus: 2
  memory_gib: 4
  boot_disk: { size_gb: 20, image: /var/lib/libvirt/images/debian-12.qcow2 }
  network_interfaces:
    - { ip: 10.20.30.40/24, gateway: 10.20.30.1, bridge: br0 }
plow schema -o markdown explains every key.`,
  async run({ args: [files], options, globals, environment, refuse }) {
    const { dryRun, showSecrets = false, ifNotExists = false, quiet, output, ...rest } = options;
    const { for: lifetimeMinutes, wait = false, waitFor, waitTimeout, adoptData, ...others } = rest;
    const { forceAddress, anycast, upload = false, ...outside } = others;
    const adoptsData = adoptData === true;
    const condition = waitFor ?? (wait ? 'ssh' : undefined);
    if (condition === undefined && waitTimeout !== undefined)
      refuse('--wait-timeout goes with --wait or --wait-for');
    const places = await placesOf(globals, environment, 'a place for VMs');
    const { addressGuards } = await import('../../run/address-guard.ts');
    const guardOf = await addressGuards(globals, environment, forceAddress, anycast);
    if (dryRun === true) {
      const { runDryRun } = await import('./dry-run.ts');
      const given = {
        ...outside,
        showSecrets,
        json: output === 'json',
        ifNotExists,
        lifetimeMinutes,
        adoptsData,
        guardOf,
        upload,
      };
      await runDryRun(files, given, places, environment);
      return 0;
    }
    if (showSecrets) refuse('--show-secrets goes with --dry-run');
    const { runCreate } = await import('./run.ts');
    const format = quiet === true ? 'quiet' : output;
    const waiting = { condition, withinMs: waitTimeout };
    const how = { ...outside, ifNotExists, lifetimeMinutes, adoptsData, guardOf, upload, ...waiting };
    await runCreate(files, { ...how, format }, places, environment);
    return 0;
  },
};
