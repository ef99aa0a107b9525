import * as z from 'zod/mini';
import { _default as withDefault } from 'zod/mini';

import { addressMistake, hostAddressMistake, hostCidrMistake } from './ipv4.ts';
import type { ConfigPath } from './machine.ts';
import { bridgeMistake, deviceMistake, fqdnMistake, imagePathMistake, nameMistake } from './names.ts';
import { passwordHashMistake } from './password-hash.ts';
import { show } from './show.ts';
import { sshKeyMistake } from './ssh-key.ts';

// zod/mini, not zod: measured 14 ms less start-up per run, as unused methods are left out of the bundle.

/** More than any guest can have, so that a slip of the finger is told from a wish. */
const MOST_VCPUS = 4096;
/** 64 TiB: the 46 bits of physical address that today's x86 servers have. */
const MOST_MEMORY_GIB = 65_536;
/** 8 PiB: in bytes still a whole number that JavaScript holds exactly (below 2^53). */
const MOST_DISK_GIB = 2 ** 23 - 1;
const MOST_INTERFACES = 28;

export function described<T extends z.ZodMiniType>(description: string, schema: T): T {
  return schema.check(z.describe(description));
}

/** Says what is wrong with a text; undefined: nothing. */
type TextRule = (text: string) => string | undefined;

export function rule(find: TextRule): z.core.CheckFn<string> {
  return ({ value, issues }) => {
    const message = find(value);
    if (message !== undefined) {
      issues.push({ code: 'custom', message, input: value });
    }
  };
}

function wholeNumber(most: number, why: string): z.ZodMiniNumberFormat {
  // int() has bounds of its own, those of exact numbers, and must not speak of them.
  const error = ({ code, input }: z.core.$ZodRawIssue): string | undefined => {
    if (code === 'too_big') {
      return `must be at most ${most} (${why}), got ${String(input)}`;
    }
    return code === 'too_small' ? `must be at least 1, got ${String(input)}` : undefined;
  };
  return z.int({ error }).check(z.minimum(1, { error }), z.maximum(most, { error }));
}

const diskSize = wholeNumber(MOST_DISK_GIB, '8 PiB');

const bootDisk = z.strictObject({
  size_gb: described(
    "Size of the VM's own disk in GiB (2^30 bytes); not below the image's own size.",
    diskSize,
  ),
  image: described(
    'Absolute path of the base image on the hypervisor. It is never changed. Required unless empty is true.',
    z.optional(z.string().check(rule(imagePathMistake))),
  ),
  empty: described('Make an empty disk instead of one from an image.', withDefault(z.boolean(), false)),
  format: described(
    "Format of the VM's own disk: qcow2 is an overlay on the image, raw a full copy of it.",
    withDefault(z.enum(['qcow2', 'raw']), 'qcow2'),
  ),
});

const dataDisk = z.strictObject({
  device: described('Target device, vdb to vdz.', z.string().check(rule(deviceMistake))),
  size_gb: described('Size in GiB (2^30 bytes).', diskSize),
});

const networkInterface = z.strictObject({
  ip: described(
    'IPv4 address with its prefix length. The MAC address is be:ef: and the four octets of it.',
    z.string().check(rule(hostCidrMistake)),
  ),
  gateway: described('IPv4 address of the gateway.', z.string().check(rule(hostAddressMistake))),
  bridge: described('Bridge on the hypervisor to attach to.', z.string().check(rule(bridgeMistake))),
  dns_servers: described(
    'IPv4 addresses of DNS servers.',
    withDefault(z.array(z.string().check(rule(addressMistake))), []),
  ),
  default_route: described(
    'Send what has no other route to the gateway. At most one interface can; unless said, it is the first, if no other says true.',
    z.optional(z.boolean()),
  ),
});

const cloudInit = z.strictObject(
  {
    fqdn: described(
      'Fully qualified domain name; its first part is the host name. Without it the host name is the name of the VM.',
      z.optional(z.string().check(rule(fqdnMistake), z.toLowerCase())),
    ),
    ssh_keys: described(
      'OpenSSH public keys that may log in as root.',
      withDefault(z.array(z.string().check(z.trim(), rule(sshKeyMistake))), []),
    ),
    root_password_hash: described(
      "crypt(3) hash of root's password, such as openssl passwd -6 prints. Without it root has no password.",
      z.optional(
        z
          .string({
            error: 'expected a crypt hash in quotes, such as "$6$salt$hash" (what was found is not shown)',
          })
          .check(rule(passwordHashMistake)),
      ),
    ),
    ssh_pwauth: described('Allow ssh logins by password.', withDefault(z.boolean(), false)),
  },
  {
    error: ({ code, input }) =>
      code === 'invalid_type' && input === null
        ? 'expected a map of keys, found nothing (write {} to set the host name only, or remove it for no seed ISO)'
        : undefined,
  },
);

/** The whole file, as it is written: every key, its bounds and its default. */
export const configFile = z.strictObject(
  {
    name: described(
      'Name of the VM in libvirt, two characters or more; made lower case.',
      z.string().check(rule(nameMistake), z.toLowerCase()),
    ),
    vcpus: described('Number of virtual CPUs.', wholeNumber(MOST_VCPUS, 'more than any guest can have')),
    memory_gib: described('Memory in GiB (2^30 bytes).', wholeNumber(MOST_MEMORY_GIB, '64 TiB')),
    boot_disk: described('The disk the VM boots from, vda.', bootDisk),
    data_disks: described('More disks, all empty.', withDefault(z.array(dataDisk), [])),
    network_interfaces: described(
      'Network interfaces, at least one.',
      z.array(networkInterface).check(z.minLength(1), z.maxLength(MOST_INTERFACES)),
    ),
    cloud_init: described(
      'What cloud-init sets up in the guest. Without it there is no seed ISO.',
      z.optional(cloudInit),
    ),
    cpu_mode: described(
      'CPU model that the guest sees.',
      withDefault(z.enum(['host-model', 'host-passthrough']), 'host-model'),
    ),
    autostart: described('Start the VM when the hypervisor boots.', withDefault(z.boolean(), true)),
    firmware: described('Firmware that the guest boots with.', withDefault(z.enum(['uefi', 'bios']), 'uefi')),
    virt_type: described(
      'kvm, or qemu for software emulation. Unless said, what the hypervisor can do.',
      z.optional(z.enum(['kvm', 'qemu'])),
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

const PARTS: Readonly<Record<string, z.ZodMiniObject>> = {
  boot_disk: bootDisk,
  data_disks: dataDisk,
  network_interfaces: networkInterface,
  cloud_init: cloudInit,
};

/** The keys that a map at this place of the file may have. */
export function knownKeys(path: ConfigPath): readonly string[] {
  const [part] = path;
  return Object.keys((part === undefined ? configFile : PARTS[part])?.shape ?? {});
}

/** The parts of the file that know this key: for one that was indented wrongly. */
export function partsWith(key: string): readonly string[] {
  return Object.keys(PARTS).filter((part) => knownKeys([part]).includes(key));
}
