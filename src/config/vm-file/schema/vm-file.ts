import * as z from 'zod/mini';
import { _default as withDefault } from 'zod/mini';

import { ARCHES, CPU_MODES, ON_CRASH } from '../../machine.ts';
import type { ConfigPath } from '../../machine.ts';
import { lifetimeMistake } from '../../values/lifetime.ts';
import { descriptionMistake, machineTypeMistake, nameMistake, tagMistake } from '../../values/names.ts';
import { cloudInit } from './cloud-init.ts';
import { hostNameMistake } from '../../settings/schema.ts';
import { bootDisk, dataDisk } from './disks.ts';
import { boot, cdrom } from './media.ts';
import { provisioning } from './provisioning.ts';
import { cpu, hugepages, MOST_CELLS, numaCell } from './layout.ts';
import { memoryGib, memoryMib } from './memory.ts';
import { extraKeys } from './extras.ts';
import { networkInterface } from './network.ts';
import { vnc } from './vnc.ts';
import { count, described, ruled } from '../../schema/words.ts';
import { show } from '../../../text/quote.ts';

// zod/mini, not zod: measured 14 ms less start-up per run, as unused methods are left out of the bundle.

/** More than any guest can have, so that a slip of the finger is told from a wish. */
const MOST_VCPUS = 4096;
const MOST_INTERFACES = 28;
const MOST_TAGS = 64;

/** The whole file, as it is written: every key, its bounds and its default. */
export const configFile = z.strictObject(
  {
    name: described(
      'Name of the VM in libvirt, two characters or more; made lower case. What is before its first dot is the host name of the guest, where no fqdn says another.',
      ruled(nameMistake, '^[A-Za-z0-9][A-Za-z0-9_.-]*[A-Za-z0-9]$').check(z.toLowerCase()),
      { examples: ['my-vm'] },
    ),
    description: described(
      'What the VM is for, in your own words; libvirt keeps it with the domain.',
      z.optional(ruled(descriptionMistake)),
      { examples: ['Web server of the shop'] },
    ),
    tags: described(
      'Words to find the VM by.',
      withDefault(z.array(ruled(tagMistake)).check(z.maxLength(MOST_TAGS)), []),
      { examples: [['web', 'env:prod']] },
    ),
    fleet: described(
      'Name of the fleet that the VM is of. plow apply --prune destroys VMs of a fleet that have no file any more.',
      z.optional(ruled(tagMistake)),
      { examples: ['shop'] },
    ),
    group: described(
      'Name of a group of VMs that do the same work. plow apply never takes two VMs of one group down together.',
      z.optional(ruled(tagMistake)),
      { examples: ['web'] },
    ),
    host: described(
      'Name of a host in the settings: where the VM is made. Default: as --host or the settings say.',
      z.optional(ruled(hostNameMistake)),
      { examples: ['hv1'] },
    ),
    vcpus: described('Number of virtual CPUs.', count(MOST_VCPUS, 'more than any guest can have'), {
      examples: [2],
    }),
    memory_gib: described(
      'Memory in GiB (2^30 bytes). Either this or memory_mib is required.',
      z.optional(memoryGib('memory_mib')),
      { examples: [4] },
    ),
    memory_mib: described(
      'Memory in MiB (2^20 bytes), instead of memory_gib.',
      z.optional(memoryMib()),
      { examples: [1536] },
    ),
    vcpus_max: described(
      'How many virtual CPUs it can have while it runs (plow resize). Default: vcpus.',
      z.optional(count(MOST_VCPUS, 'more than any guest can have')),
      { examples: [8] },
    ),
    memory_max_gib: described(
      'How much memory it can have while it runs (plow resize), in GiB. What the VM has not got its balloon holds. Default: what it has.',
      z.optional(memoryGib('memory_max_mib')),
      { examples: [16] },
    ),
    memory_max_mib: described(
      'The same in MiB, instead of memory_max_gib.',
      z.optional(memoryMib()),
      { examples: [6144] },
    ),
    boot_disk: described('The disk the VM boots from, vda.', bootDisk),
    data_disks: described('More disks, all empty.', withDefault(z.array(dataDisk), [])),
    cdrom: described(
      'A drive for an install medium: a map, or the ISO alone: its path on the hypervisor, its name there, or a file of this machine, as boot_disk.image has them. Nothing of plow writes to the ISO, gives it away or deletes it with a VM. Default: no drive.',
      z.optional(cdrom),
      { examples: ['/var/lib/libvirt/images/debian-13.iso', 'debian-13-netinst', './debian-13.iso'] },
    ),
    boot: described(
      'What the firmware tries, in this order, at every start: disk is the boot disk, cdrom the drive, network the first interface (PXE), network:1 the second. What is not in the list is not tried. Default: interfaces with boot: network, then disk, then cdrom if there is one.',
      z.optional(boot),
      { examples: [['disk', 'cdrom', 'network']] },
    ),
    network_interfaces: described(
      'Network interfaces, at least one.',
      z.array(networkInterface).check(z.minLength(1), z.maxLength(MOST_INTERFACES)),
    ),
    cloud_init: described(
      'What cloud-init sets up in the guest. Without it there is no seed ISO.',
      z.optional(cloudInit),
    ),
    provisioning: described(
      'What is set up in the guest, by cloud-init or by Ignition: takes the place of cloud_init.',
      z.optional(provisioning),
    ),
    cpu_mode: described(
      "CPU model that the guest sees: like the host's (x86_64), the host's own (needs KVM), or all that QEMU can do. Default: host-model; on aarch64 host-passthrough with KVM, else maximum.",
      z.optional(z.enum(CPU_MODES)),
    ),
    cpu: described('What CPUs the guest sees, and where they run.', z.optional(cpu)),
    numa: described(
      'NUMA nodes that the guest sees: each virtual CPU in one of them, and all of its memory.',
      z.optional(z.array(numaCell).check(z.maxLength(MOST_CELLS))),
      { examples: [[{ cpus: '0-1', memory_gib: 4, host_node: 0 }]] },
    ),
    hugepages: described(
      'Memory in huge pages, all of it taken when the VM starts: of 2 MiB or 1 GiB, or true for the size that the hypervisor has by default. The hypervisor must have them set apart.',
      hugepages,
    ),
    autostart: described('Start the VM when the hypervisor boots.', withDefault(z.boolean(), true)),
    on_crash: described(
      'What becomes of the VM when its guest crashes: off (destroy), started again (restart), left as it is for a look at it (preserve); the same with its memory written to a file of the hypervisor first (coredump-...).',
      withDefault(z.enum(ON_CRASH), 'destroy'),
    ),
    expires: described(
      'How long the VM may live, from when it is made: 45m, 12h, 7d, 2w. plow gc ends it after that.',
      z.optional(ruled(lifetimeMistake, '^[0-9]{1,7}[mhdw]$')),
      { examples: ['7d'] },
    ),
    arch: described(
      "Architecture of the guest, which the image must be of. Default: the hypervisor's own; another runs under emulation.",
      z.optional(z.enum(ARCHES)),
    ),
    machine: described(
      'Machine type, without a version the newest that the hypervisor has: q35 (PCI Express) or pc (i440FX) on x86_64, virt on aarch64. Default: q35, virt.',
      z.optional(ruled(machineTypeMistake, '^(q35|pc|virt|(pc-q35|pc-i440fx|virt)-[0-9a-z.-]+)$')),
      { examples: ['pc-q35-7.2'] },
    ),
    firmware: described('Firmware that the guest boots with; aarch64 has uefi only. Left out, an image that plow image pull has brought by its name may need the other.', withDefault(z.enum(['uefi', 'bios']), 'uefi')),
    ...extraKeys,
    virt_type: described(
      'kvm, or qemu for software emulation. Default: what the hypervisor can do.',
      z.optional(z.enum(['kvm', 'qemu'])),
    ),
    vnc: described(
      'A screen, keyboard and pointer over VNC, for plow vnc and plow screenshot. true: without a socket where the hypervisor is this machine, else at its 127.0.0.1, without a password.',
      z.optional(vnc),
      { examples: [true, { listen: '127.0.0.1', port: 5901 }] },
    ),
  },
  {
    error: ({ code, input }) => {
      if (code !== 'invalid_type') {
        return undefined;
      }
      return input === null
        ? 'the file is empty; a VM needs name, vcpus, memory_gib, boot_disk and network_interfaces'
        : `expected a map of keys such as name and vcpus, found ${show(input)}`;
    },
  },
);

export type ConfigFile = z.infer<typeof configFile>;

/** The schema of what stands at this place of the file; undefined where the file can have nothing. */
function schemaAt(path: ConfigPath): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = configFile;
  for (const part of path) schema = schema && inside(schema, part);
  return schema;
}

/** What a file has at a place where it says nothing; undefined where that depends. */
export function defaultAt(path: ConfigPath): unknown {
  const schema = schemaAt(path);
  return schema instanceof z.ZodMiniDefault ? schema.def.defaultValue : undefined;
}

/** Whether a value at this place of the file is text, and nothing else. */
export function wantsText(path: ConfigPath): boolean {
  const found = schemaAt(path);
  const schema = found && unwrapped(found);
  return schema === undefined || schema instanceof z.ZodMiniString || schema instanceof z.ZodMiniEnum;
}

function inside(schema: z.core.$ZodType, part: string | number): z.core.$ZodType | undefined {
  const outer = unwrapped(schema);
  if (outer instanceof z.ZodMiniArray) return outer.def.element;
  return outer instanceof z.ZodMiniObject ? outer.def.shape[part] : undefined;
}

/** What an optional value is when it is there; of alternatives the map, where one of them is. */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodMiniOptional || schema instanceof z.ZodMiniDefault) {
    return unwrapped(schema.def.innerType);
  }
  if (!(schema instanceof z.ZodMiniUnion)) return schema;
  return schema.def.options.find((option) => option instanceof z.ZodMiniObject) ?? schema;
}

/** The keys that a map at this place of the file may have. */
export function knownKeys(path: ConfigPath): readonly string[] {
  const found = schemaAt(path);
  const schema = found && unwrapped(found);
  return schema instanceof z.ZodMiniObject ? Object.keys(schema.def.shape) : [];
}

/** Whether a map at this place of the file has keys of the user's own. */
export function hasFreeKeys(path: ConfigPath): boolean {
  const found = schemaAt(path);
  return found !== undefined && unwrapped(found) instanceof z.ZodMiniRecord;
}

const PARTS = [
  'boot_disk',
  'data_disks',
  'network_interfaces',
  'cloud_init',
  'provisioning',
  'cpu',
  'numa',
  'vnc',
  'shares',
] as const;

/** The parts of the file that know this key: for one that was indented wrongly. */
export function partsWith(key: string): readonly string[] {
  return PARTS.filter((part) => [...knownKeys([part]), ...knownKeys([part, 0])].includes(key));
}
