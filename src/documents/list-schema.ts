import * as z from 'zod/mini';
import { failure } from './error-schema.ts';
import { about, document, orNull } from './shape.ts';
import type { Content } from './shape.ts';
import { VM_STATES } from './states.ts';

/** What `plow list -o json` and `-o yaml` print. */

const source = z.enum(['agent', 'lease', 'arp']);

export const seenAddress = z.strictObject({
  source: about(
    source,
    "who told it: the guest's agent, libvirt's DHCP server, the host's table of neighbours",
  ),
  address: z.string(),
  prefix_length: z.int(),
  family: z.enum(['ipv4', 'ipv6']),
  mac: orNull(z.string(), 'lower case'),
  interface: orNull(z.string(), 'its name in the guest where the agent told it, else the tap on the host'),
});

const declaredAddress = z.strictObject({
  address: z.string(),
  prefix_length: orNull(z.int(), 'null where only a be:ef MAC address tells the address'),
  mac: about(z.string(), 'lower case'),
});

export const domainState = about(
  z.enum(VM_STATES),
  "libvirt's word; or incomplete: a plow create is under way, or died; or destroyed: plow undelete brings it back; or moving, moved or incoming: on its way from or to another hypervisor",
);

const vm = z.strictObject({
  name: z.string(),
  host: z.optional(about(z.string(), 'where several hosts were asked: as the settings call it')),
  uuid: z.string(),
  state: domainState,
  active: about(z.boolean(), 'whether it has a QEMU now'),
  persistent: orNull(z.boolean(), 'false for one that is gone once it stops'),
  autostart: orNull(z.boolean(), 'whether it starts with the host'),
  protected: orNull(z.boolean(), 'whether plow refuses to destroy it'),
  expires: orNull(z.string(), 'when its lease ends, ISO 8601: from then on plow gc may end it'),
  undo_until: orNull(z.string(), 'of one that was destroyed: when plow gc may end it for good, ISO 8601'),
  vcpus: z.int(),
  memory_kib: about(z.int(), 'the most that the guest can have'),
  current_memory_kib: orNull(z.int(), 'what the balloon leaves it; null for one that is off'),
  cpu_seconds: orNull(z.number(), 'of all its CPUs since it was started; null for one that is off'),
  addresses: z.strictObject({
    declared: about(
      z.array(declaredAddress),
      'of interfaces that it has: as plow configured them, or as be:ef MAC addresses tell',
    ),
    seen: about(
      z.array(seenAddress),
      'as somebody saw them, of a VM that runs; empty where nobody told in time',
    ),
  }),
  interfaces: z.array(
    z.strictObject({
      type: z.string(),
      source: orNull(z.string(), 'bridge, network or device that it is plugged into'),
      bridge: orNull(z.string(), 'bridge of the host'),
      vlan: orNull(z.int(), 'tag that its frames have on the bridge'),
      mac: orNull(z.string(), 'lower case'),
      model: z.nullable(z.string()),
      mtu_bytes: z.nullable(z.int()),
      tap: orNull(z.string(), 'device on the host, of a VM that runs; of a routed interface always'),
      boot_order: orNull(
        z.int(),
        'among all that the firmware tries; null where the document has no such order',
      ),
    }),
  ),
  disks: z.array(
    z.strictObject({
      target: about(z.string(), 'vda'),
      device: about(z.string(), 'disk, cdrom, lun or floppy'),
      bus: z.nullable(z.string()),
      source: orNull(z.string(), 'path, pool/volume or name; null for an empty drive'),
      format: z.nullable(z.string()),
      backing: about(z.array(z.string()), 'the layers below, top first, as far as libvirt says'),
    }),
  ),
  image: orNull(z.string(), 'base image of the boot disk'),
  known_image: orNull(
    z.strictObject({
      name: z.string(),
      version: about(z.string(), "the publisher's build"),
      digest: orNull(z.string(), 'of the image itself, sha256:...'),
      path: z.string(),
    }),
    'what plow had pulled and made the VM of, as it was then',
  ),
  missing_files: about(
    z.array(z.string()),
    'disks, and images below them, that are not there: of a VM that does not run, where libvirt tells in time',
  ),
  made_by_plow: z.boolean(),
  plow_version: orNull(z.string(), 'of the plow that made it'),
  created: orNull(z.string(), 'ISO 8601; null unless plow made it'),
  directory: orNull(z.string(), "the VM's own, on the hypervisor"),
  description: orNull(z.string(), 'as libvirt has it, whoever wrote it'),
  tags: z.array(z.string()),
});

export const listDocument = document({
  uri: orNull(z.string(), 'of the hypervisor, without its password; null where several hosts were asked'),
  hosts: z.optional(
    about(
      z.array(
        z.strictObject({
          name: about(z.string(), 'as the settings call it'),
          uri: about(z.string(), 'without its password'),
          error: failure,
        }),
      ),
      'where several were asked',
    ),
  ),
  vms: z.array(vm),
});

export type ListDocument = Content<typeof listDocument>;
