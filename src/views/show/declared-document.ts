import type { ShowDocument } from '../../documents/show-schema.ts';
import type { OwnDetails } from '../../vm/show/show.ts';

type Entry = NonNullable<ShowDocument['vm']['declared']>;
type Declared = OwnDetails['declared'];

/** The configuration that a VM was made with, for programs. */
export function declaredEntry(declared: Declared): Entry {
  const { bootDisk, cloudInit } = declared;
  return {
    vcpus: declared.vcpus ?? null,
    memory_kib: declared.memoryKib ?? null,
    boot_disk: {
      ...diskEntry(bootDisk),
      image: bootDisk.image ?? null,
      image_format: bootDisk.imageFormat ?? null,
      format: bootDisk.format ?? null,
    },
    data_disks: declared.dataDisks.map((disk) => ({ device: disk.device, ...diskEntry(disk) })),
    interfaces: declared.interfaces.map(interfaceEntry),
    cloud_init:
      cloudInit === undefined
        ? null
        : {
            fqdn: cloudInit.fqdn ?? null,
            hostname: cloudInit.hostname ?? null,
            ssh_pwauth: cloudInit.sshPasswordAuth ?? null,
            bus: cloudInit.bus ?? null,
          },
    cpu_mode: declared.cpuMode ?? null,
    autostart: declared.autostart ?? null,
    firmware: declared.firmware ?? null,
    virt_type: declared.virtType ?? null,
    machine_type: declared.machineType ?? null,
    description: declared.description ?? null,
    tags: [...declared.tags],
  };
}

function diskEntry({ sizeGib, cache, discard }: DiskLike) {
  return { size_gib: sizeGib ?? null, cache: cache ?? null, discard: discard ?? null };
}

type DiskLike = Pick<Declared['bootDisk'], 'sizeGib' | 'cache' | 'discard'>;

function interfaceEntry(one: Declared['interfaces'][number]): Entry['interfaces'][number] {
  return {
    address: one.address,
    prefix_length: one.prefixLength ?? null,
    gateway: one.gateway ?? null,
    dns_servers: [...one.dnsServers],
    bridge: one.bridge ?? null,
    default_route: one.defaultRoute ?? null,
    mac: one.mac ?? null,
    mtu_bytes: one.mtu ?? null,
  };
}
