import * as z from 'zod/mini';
import { about, domainState, orNull, seenAddress } from './list-schema.ts';

/** What `plow show -o json` and `-o yaml` print. Keys may come; a change of these would be version 2. */

const counts = z.strictObject({
  bytes: z.nullable(z.int()),
  packets: z.nullable(z.int()),
  errors: z.nullable(z.int()),
  drops: z.nullable(z.int()),
});

const address = z.strictObject({ address: z.string(), prefix_length: z.nullable(z.number()) });

const disk = z.strictObject({
  target: about(z.string(), 'vda'),
  device: about(z.string(), 'disk, cdrom, lun or floppy'),
  bus: z.nullable(z.string()),
  type: about(z.string(), 'file, block, volume, network...'),
  source: orNull(z.string(), 'path, pool/volume or name; null for an empty drive'),
  exists: orNull(z.boolean(), 'null where it cannot be told, and for an empty drive'),
  format: z.nullable(z.string()),
  read_only: z.boolean(),
  virtual_bytes: orNull(
    z.number(),
    'what the guest sees; null where it is not known, as of a QEMU that hangs',
  ),
  allocated_bytes: orNull(z.number(), 'what it takes up now'),
  backing: about(z.array(z.string()), 'the layers below, top first, as far as libvirt says'),
  missing_backing: about(z.array(z.string()), 'those of them that are not there, as far as it can be told'),
});

const networkInterface = z.strictObject({
  type: about(z.string(), 'bridge, network, direct, user...'),
  source: orNull(z.string(), 'bridge, network or device that it is plugged into'),
  bridge: orNull(z.string(), 'bridge of the host'),
  mac: orNull(z.string(), 'lower case'),
  model: z.nullable(z.string()),
  mtu_bytes: z.nullable(z.int()),
  tap: orNull(z.string(), 'device on the host, of a VM that runs'),
  link: z.enum(['up', 'down']),
  addresses: z.strictObject({
    declared: about(z.array(address), 'as plow configured them'),
    seen: about(z.array(seenAddress), 'of a VM that runs; empty where nobody told in time'),
  }),
  traffic: orNull(
    z.strictObject({ received: counts, sent: counts }),
    'as the guest sees it, since the tap is there; null for a VM that is off',
  ),
});

const declaredDisk = {
  size_gib: z.nullable(z.number()),
  cache: z.nullable(z.string()),
  discard: z.nullable(z.string()),
};

const declared = z.strictObject({
  vcpus: z.nullable(z.number()),
  memory_kib: z.nullable(z.number()),
  boot_disk: z.strictObject({
    ...declaredDisk,
    image: z.nullable(z.string()),
    image_format: z.nullable(z.string()),
    format: z.nullable(z.string()),
  }),
  data_disks: z.array(z.strictObject({ device: z.string(), ...declaredDisk })),
  interfaces: z.array(
    z.strictObject({
      address: z.string(),
      prefix_length: z.nullable(z.number()),
      gateway: z.nullable(z.string()),
      dns_servers: z.array(z.string()),
      bridge: z.nullable(z.string()),
      default_route: z.nullable(z.boolean()),
      mac: z.nullable(z.string()),
      mtu_bytes: z.nullable(z.number()),
    }),
  ),
  cloud_init: orNull(
    z.strictObject({
      fqdn: z.nullable(z.string()),
      hostname: z.nullable(z.string()),
      ssh_pwauth: z.nullable(z.boolean()),
      bus: z.nullable(z.string()),
    }),
    'null: it was made without a seed; what else the seed holds is nowhere but there',
  ),
  cpu_mode: z.nullable(z.string()),
  autostart: z.nullable(z.boolean()),
  firmware: z.nullable(z.string()),
  virt_type: orNull(z.string(), 'null: what the hypervisor could do'),
  machine_type: z.nullable(z.string()),
  description: z.nullable(z.string()),
  tags: z.array(z.string()),
});

const value = z.nullable(z.union([z.string(), z.number(), z.boolean()]));

const difference = z.strictObject({
  what: about(z.string(), 'vcpus, memory_kib, disk vdb, disk vdb cache, interface 52:54:00:11:22:33...'),
  declared: about(value, 'as plow made it; null where there was none, or plow said nothing about it'),
  stored: about(value, 'as it is from the next start on; null where there is none'),
  live: about(value, 'as it runs; null where there is none, or the VM is off'),
  needs_restart: about(z.boolean(), 'what is stored takes effect when the VM is stopped and started'),
  changed_since_made: z.boolean(),
});

const vm = z.strictObject({
  name: z.string(),
  uuid: z.string(),
  title: z.nullable(z.string()),
  description: z.nullable(z.string()),
  tags: z.array(z.string()),
  state: domainState,
  reason: orNull(z.string(), "why it is in libvirt's state, as virsh domstate --reason says"),
  active: about(z.boolean(), 'whether it has a QEMU now'),
  qemu_answers: orNull(
    z.boolean(),
    'false where its QEMU gave no answer in time; null for one that is off, or has no disk',
  ),
  since: orNull(z.string(), 'since when it is in that state, ISO 8601; null where nobody knows'),
  started: orNull(z.string(), 'when its QEMU was started, ISO 8601; only the hypervisor itself can tell'),
  persistent: about(z.boolean(), 'false for one that is gone once it stops'),
  autostart: about(z.boolean(), 'whether it starts with the host'),
  managed_save: orNull(z.boolean(), 'whether it goes on from saved memory at the next start'),
  snapshots: z.nullable(z.int()),
  vcpus: z.int(),
  maximum_vcpus: about(z.int(), 'what can be plugged in while it runs'),
  memory_kib: about(z.int(), 'the most that the guest can have'),
  current_memory_kib: orNull(z.int(), 'what the balloon leaves it; null for one that is off'),
  cpu_seconds: orNull(z.number(), 'of all its CPUs since it was started; null for one that is off'),
  cpu_mode: orNull(z.string(), 'as stored; null: the default'),
  virt_type: z.string(),
  machine_type: z.nullable(z.string()),
  firmware: z.strictObject({
    type: z.enum(['uefi', 'bios']),
    loader: orNull(z.string(), 'null where libvirt chooses'),
    nvram: z.nullable(z.string()),
  }),
  guest_agent: orNull(
    z.enum(['connected', 'disconnected', 'unknown']),
    'null: it has no channel for one; unknown: the VM is off',
  ),
  consoles: z.array(
    z.strictObject({
      type: about(z.string(), 'serial, console, vnc, spice...'),
      at: orNull(z.string(), 'a device or file of the host, or an address; null for one that is not open'),
    }),
  ),
  disks: z.array(disk),
  interfaces: z.array(networkInterface),
  other_addresses: about(z.array(seenAddress), 'seen at no interface above, such as a bridge in the guest'),
  seed: orNull(
    z.strictObject({ path: z.string(), exists: orNull(z.boolean(), 'null where it cannot be told') }),
    'of a VM that plow made with one',
  ),
  made_by_plow: z.boolean(),
  plow_version: orNull(z.string(), 'of the plow that made it'),
  created: orNull(z.string(), 'ISO 8601; null unless plow made it'),
  directory: orNull(z.string(), "the VM's own, on the hypervisor"),
  declared: orNull(declared, 'what plow made it with; null unless plow made it'),
  differences: z.array(difference),
});

export const showDocument = z.strictObject({
  version: z.literal(1),
  uri: about(z.string(), 'of the hypervisor, without its password'),
  vm,
});

export type ShowDocument = z.infer<typeof showDocument>;
