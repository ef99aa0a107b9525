import * as z from 'zod/mini';

import { dayMistake, doctorCodeMistake } from '../values/doctor-codes.ts';
import { addressMistake, hostAddressMistake } from '../values/ipv4.ts';
import { CPU_MODES, INTERFACE_MODES } from '../machine.ts';
import type { ConfigPath } from '../machine.ts';
import { shareDirectoryMistake } from '../values/devices/shares.ts';
import { bridgeMistake, imageDirectoryMistake } from '../values/names.ts';
import { imageEntry, imageKeys } from './images.ts';
import { described, rule, ruled } from '../schema/words.ts';
import { quote, show } from '../../text/quote.ts';
import { sshKeyMistake } from '../values/ssh-key.ts';

/** A URI may hold a password, so it is not repeated. */
function uriMistake(text: string): string | undefined {
  return /^[^\s\p{C}]+$/u.test(text)
    ? undefined
    : 'must be a libvirt URI without blanks, such as qemu:///system (what was found is not shown)';
}

/** Why a text cannot be the directory of VM directories, or undefined if it can. */
function storagePathMistake(text: string): string | undefined {
  if (/\p{Cc}/u.test(text)) {
    return 'a path cannot hold control characters';
  }
  return text.startsWith('/')
    ? undefined
    : `must be an absolute path on the hypervisor, starting with /, got ${quote(text)}`;
}

/** Why a text cannot be a directory of this machine, or undefined if it can. */
function rootMistake(text: string): string | undefined {
  if (/\p{Cc}/u.test(text)) {
    return 'a path cannot hold control characters';
  }
  return /^(?:\/|~\/)/u.test(text)
    ? undefined
    : `must be an absolute path, or begin with ~/, got ${quote(text)}`;
}

const defaults = z.strictObject({
  dns_servers: described(
    'dns_servers of an interface that has none.',
    z.optional(z.array(ruled(addressMistake))),
  ),
  gateways: described(
    'Gateways by subnet: gateway of an interface that has none. Of the subnets that hold its address the smallest counts.',
    z.optional(z.record(z.string(), ruled(hostAddressMistake))),
  ),
  ssh_keys: described(
    'ssh_keys of a cloud_init section that has none.',
    z.optional(z.array(z.string().check(z.trim(), rule(sshKeyMistake)))),
  ),
  bridge: described('bridge of an interface that has none.', z.optional(ruled(bridgeMistake))),
  mode: described(
    'mode of an interface that has none, and no bridge either.',
    z.optional(z.enum(INTERFACE_MODES)),
  ),
  cpu_mode: described('cpu_mode of a VM that has none.', z.optional(z.enum(CPU_MODES))),
});

/** Why a text cannot be the name of a host or a label, or undefined if it can. */
export function hostNameMistake(text: string): string | undefined {
  return /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/u.test(text)
    ? undefined
    : `takes letters, digits, dots, hyphens and underscores, at most 63, got ${quote(text)}`;
}

const ignore = z.strictObject({
  code: described('Code of a complaint of plow doctor.', ruled(doctorCodeMistake)),
  until: described('The last day on which it counts for nothing, in UTC.', ruled(dayMistake)),
  reason: described('Why, for whoever reads the report.', z.optional(z.string())),
});

const doctor = z.strictObject({
  ignore: described(
    'Complaints of plow doctor that count for nothing for a while.',
    z.optional(z.array(ignore)),
  ),
});

const host = z.strictObject({
  connect: described('URI of this hypervisor.', ruled(uriMistake)),
  storage_path: described(
    'Directory there in which VM directories are made.',
    z.optional(ruled(storagePathMistake)),
  ),
  image_dirs: described(
    'Directories there in or below which base images lie.',
    z.optional(z.array(ruled(imageDirectoryMistake))),
  ),
  share_dirs: described(
    'Directories there in or below which VMs may have shares.',
    z.optional(z.array(ruled(shareDirectoryMistake))),
  ),
  virt_type: described('virt_type of a VM that has none.', z.optional(z.enum(['kvm', 'qemu']))),
  labels: described('By which --host label:NAME finds it.', z.optional(z.array(ruled(hostNameMistake)))),
  enabled: described('false: --all-hosts and labels leave it out.', z.optional(z.boolean())),
  defaults: described('What VM files leave out; wins over defaults of the file.', z.optional(defaults)),
  doctor: described(
    'What plow doctor ignores of this one, besides what stands beside hosts.',
    z.optional(doctor),
  ),
});

/** The file of plow's own settings, as it is written. */
export const settingsFile = z.strictObject(
  {
    connect: described('URI of the hypervisor.', z.optional(ruled(uriMistake))),
    host: described(
      'Name of the hypervisor in hosts, in place of connect.',
      z.optional(ruled(hostNameMistake)),
    ),
    hosts: described(
      'Hypervisors by name. What one does not say comes from the keys beside hosts.',
      z.optional(z.record(z.string(), host)),
    ),
    storage_path: described(
      'Directory on the hypervisor in which VM directories are made.',
      z.optional(ruled(storagePathMistake)),
    ),
    image_dirs: described(
      'Directories on the hypervisor in or below which base images lie; an image elsewhere is refused.',
      z.optional(z.array(ruled(imageDirectoryMistake))),
    ),
    share_dirs: described(
      'Directories on the hypervisor in or below which VMs may have shares; none unless they are named here.',
      z.optional(z.array(ruled(shareDirectoryMistake))),
    ),
    images: described(
      'Images that can be downloaded, by name, besides those that plow knows.',
      z.optional(z.record(z.string(), imageEntry)),
    ),
    virt_type: described(
      'virt_type of a VM that has none: kvm, or qemu for software emulation.',
      z.optional(z.enum(['kvm', 'qemu'])),
    ),
    file_roots: described(
      'Directories on this machine: files below them may be named by every VM file, besides those below its own directory.',
      z.optional(z.array(ruled(rootMistake))),
    ),
    doctor: described('What plow doctor ignores.', z.optional(doctor)),
    defaults: described('What VM files leave out.', z.optional(defaults)),
  },
  {
    error: ({ code, input }) =>
      code === 'invalid_type'
        ? `expected a map of settings such as connect and storage_path, found ${show(input)}`
        : undefined,
  },
);

export type SettingsValues = z.infer<typeof settingsFile>;

/** The keys that a map at this place of the file may have. */
export function settingsKeys(path: ConfigPath): readonly string[] {
  if (path.length === 0) return Object.keys(settingsFile.shape);
  if (path[0] === 'hosts') return path.length === 2 ? Object.keys(host.shape) : settingsKeys(path.slice(2));
  if (path[0] === 'images') return imageKeys(path[2]);
  if (path[0] !== 'doctor') return Object.keys(defaults.shape);
  return Object.keys((path.length === 1 ? doctor : ignore).shape);
}

/** The parts of the file that know this key. */
export function settingsPartsWith(key: string): readonly string[] {
  return settingsKeys(['defaults']).includes(key) ? ['defaults'] : [];
}
