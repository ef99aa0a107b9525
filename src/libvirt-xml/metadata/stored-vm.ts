import type { CloudInit, KnownImage, Machine, NetworkInterface } from '../../config/machine.ts';

/**
 * What a domain's metadata says of the VM, as JSON: a shape of its own, which every plow can read, whatever
 * happens to the types of the program. Whoever reads libvirt's documents can read it, so that a key is in it
 * only where somebody wrote it down here: nothing that only the seed holds, secrets above all.
 */
export interface StoredVm {
  /** Of this shape. A plow that knows older ones only takes the VM for another's. 0.1.0 wrote none. */
  readonly version: 1;
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly bootDisk: StoredBootDisk;
  readonly dataDisks: readonly StoredDataDisk[];
  readonly interfaces: readonly StoredInterface[];
  /** Left out where the VM has no seed. */
  readonly cloudInit: StoredCloudInit | undefined;
  readonly cpuMode: string | undefined;
  readonly autostart: boolean;
  /** As it was asked for; left out where it was not. When it ends stands elsewhere: that moves. */
  readonly lifetimeMinutes: number | undefined;
  readonly firmware: string;
  readonly virtType: string | undefined;
  /** As it was asked for; left out where the hypervisor's own was taken. */
  readonly arch: string | undefined;
  readonly machineType: string | undefined;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** The base image as it was known when the VM was made; left out where that was a path and no more. */
  readonly image: StoredImage | undefined;
}

interface StoredImage {
  readonly name: string;
  readonly version: string;
  readonly digest: string | undefined;
  readonly path: string;
}

interface StoredDisk {
  readonly sizeGib: number;
  readonly cache: string;
  readonly discard: string;
}

interface StoredBootDisk extends StoredDisk {
  readonly image: string | undefined;
  readonly imageFormat: string | undefined;
  readonly format: string;
}

interface StoredDataDisk extends StoredDisk {
  readonly device: string;
}

interface StoredInterface {
  /** Left out of a bridged one, as 0.1.0 knew no other. */
  readonly mode: 'ethernet' | undefined;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly gatewayInSubnet: boolean;
  readonly dnsServers: readonly string[];
  /** Left out of a routed one. */
  readonly bridge: string | undefined;
  readonly defaultRoute: boolean;
  readonly mac: string;
  readonly mtu: number | undefined;
  readonly vlan: number | undefined;
  /** Left out where it is not so. */
  readonly bootsFromNetwork: true | undefined;
}

interface StoredCloudInit {
  readonly fqdn: string | undefined;
  readonly hostname: string;
  readonly sshPasswordAuth: boolean | undefined;
  readonly bus: string;
  /** Whom plow ssh logs in as; left out where a document of the user's own decides who there is. */
  readonly sshUser: string | undefined;
  /**
   * Public halves of the host keys that the guest was given, none where it makes its own. Left out where it
   * is not known, as of a VM that was adopted, or made by a version that gave none.
   */
  readonly sshHostKeys: readonly string[] | undefined;
}

/** @param hostKeys public halves of those in the seed, as type and key; undefined: plow made no seed */
export function toStored(machine: Machine, hostKeys?: readonly string[]): StoredVm {
  const { bootDisk, cloudInit } = machine;
  return {
    version: 1,
    name: machine.name,
    vcpus: machine.vcpus,
    memoryMib: machine.memoryMib,
    bootDisk: {
      sizeGib: bootDisk.sizeGib,
      image: bootDisk.image,
      imageFormat: bootDisk.imageFormat,
      format: bootDisk.format,
      cache: bootDisk.cache,
      discard: bootDisk.discard,
    },
    dataDisks: machine.dataDisks.map(({ device, sizeGib, cache, discard }) => ({
      device,
      sizeGib,
      cache,
      discard,
    })),
    interfaces: machine.interfaces.map(storedInterface),
    cloudInit: cloudInit && {
      fqdn: cloudInit.fqdn,
      hostname: cloudInit.hostname,
      sshPasswordAuth: cloudInit.sshPasswordAuth,
      bus: cloudInit.bus,
      sshUser: sshUserOf(cloudInit),
      sshHostKeys: hostKeys,
    },
    cpuMode: machine.cpuMode,
    autostart: machine.autostart,
    lifetimeMinutes: machine.lifetimeMinutes,
    firmware: machine.firmware,
    virtType: machine.virtType,
    arch: machine.arch,
    machineType: machine.machineType,
    description: machine.description,
    tags: machine.tags,
    image: bootDisk.known && storedImage(bootDisk.known),
  };
}

function storedImage({ name, version, digest, path }: KnownImage): StoredImage {
  return { name, version, digest, path };
}

export function storedInterface(one: NetworkInterface): StoredInterface {
  return {
    mode: one.mode === 'ethernet' ? one.mode : undefined,
    address: one.address,
    prefixLength: one.prefixLength,
    gateway: one.gateway,
    gatewayInSubnet: one.gatewayInSubnet,
    dnsServers: one.dnsServers,
    bridge: one.mode === 'bridge' ? one.bridge : undefined,
    defaultRoute: one.defaultRoute,
    mac: one.mac,
    mtu: one.mtu,
    vlan: one.mode === 'bridge' ? one.vlan : undefined,
    bootsFromNetwork: one.bootsFromNetwork ? true : undefined,
  };
}

/** The first user with a key; else root, unless a document of the user's own says who there is. */
function sshUserOf({ users, sshKeys, rootPasswordHash, userData }: CloudInit): string | undefined {
  const named = users.find((user) => user.sshKeys.length > 0)?.name;
  if (named !== undefined) return named;
  const isRoot = sshKeys.length > 0 || rootPasswordHash !== undefined || userData === undefined;
  return isRoot ? 'root' : undefined;
}
