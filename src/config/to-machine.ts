import type { FileDefaults } from './fill-in.ts';
import { inSubnet, parseCidr, parseIpv4 } from './ipv4.ts';
import { macFor } from './mac.ts';
import type { CloudInit, Machine, NetworkInterface, VirtType } from './machine.ts';
import type { ConfigFile } from './schema.ts';

/** What the file leaves to the surroundings. */
export interface MachineDefaults {
  /** Undefined: whatever the host can do. */
  readonly virtType: VirtType | undefined;
  /** For keys that the file leaves out. */
  readonly fill?: FileDefaults | undefined;
}

/** A file without mistakes, as the rest of the program knows it. */
export function toMachine(file: ConfigFile, defaults: MachineDefaults): Machine {
  return {
    name: file.name,
    vcpus: file.vcpus,
    memoryGib: file.memory_gib,
    bootDisk: { sizeGib: file.boot_disk.size_gb, image: file.boot_disk.image, format: file.boot_disk.format },
    dataDisks: file.data_disks.map(({ device, size_gb }) => ({ device, sizeGib: size_gb })),
    interfaces: toInterfaces(file.network_interfaces),
    cloudInit: file.cloud_init === undefined ? undefined : toCloudInit(file.cloud_init, file.name),
    cpuMode: file.cpu_mode,
    autostart: file.autostart,
    firmware: file.firmware,
    virtType: file.virt_type ?? defaults.virtType,
  };
}

function toInterfaces(entries: ConfigFile['network_interfaces']): readonly NetworkInterface[] {
  const said = entries.some(({ default_route }) => default_route === true);
  return entries.map((entry, index) => toInterface(entry, entry.default_route ?? (index === 0 && !said)));
}

function toInterface(
  entry: ConfigFile['network_interfaces'][number],
  defaultRoute: boolean,
): NetworkInterface {
  const cidr = parseCidr(entry.ip);
  const gateway = parseIpv4(entry.gateway);
  if (cidr === undefined || gateway === undefined) {
    throw new Error('the schema let an address pass that is none');
  }
  return {
    address: cidr.text,
    prefixLength: cidr.prefixLength,
    gateway: entry.gateway,
    gatewayInSubnet: inSubnet(gateway, cidr),
    dnsServers: entry.dns_servers,
    bridge: entry.bridge,
    defaultRoute,
    mac: macFor(cidr.text),
  };
}

function toCloudInit(section: NonNullable<ConfigFile['cloud_init']>, name: string): CloudInit {
  return {
    fqdn: section.fqdn,
    hostname: section.fqdn?.split('.')[0] ?? name,
    sshKeys: section.ssh_keys,
    rootPasswordHash: section.root_password_hash,
    sshPasswordAuth: section.ssh_pwauth,
  };
}
