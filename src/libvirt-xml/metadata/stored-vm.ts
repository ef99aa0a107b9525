import { loginUserOf } from '../../config/machine.ts';
import type {
  KnownImage,
  Machine,
  NetworkInterface,
  Provisioning,
  ProvisioningFormat,
} from '../../config/machine.ts';
import { storedLayout } from './layout.ts';
import type { StoredLayout } from './layout.ts';
import { storedVnc } from './vnc.ts';
import type { StoredVnc } from './vnc.ts';
import type { IoLimits } from '../../config/machine/extras.ts';
import { storedExtras, storedIoLimits } from './extras.ts';
import type { StoredExtras } from './extras.ts';
import { storedMedia } from './media.ts';
import type { StoredMedia } from './media.ts';

/**
 * What a domain's metadata says of the VM, as JSON: a shape of its own, which every plow can read, whatever
 * happens to the types of the program. Whoever reads libvirt's documents can read it, so that a key is in it
 * only where somebody wrote it down here: nothing that only the seed holds, secrets above all.
 */
export interface StoredVm extends StoredExtras, StoredMedia {
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
  /** What sets the guest up, where that is no seed: a key that plows do not know which know seeds only. */
  readonly provisioning: StoredProvisioning | undefined;
  readonly cpuMode: string | undefined;
  readonly layout: StoredLayout | undefined;
  readonly autostart: boolean;
  /** As it was asked for; left out where it was not. When it ends stands elsewhere: that moves. */
  readonly lifetimeMinutes: number | undefined;
  /** Left out where it is destroy. */
  readonly onCrash: string | undefined;
  readonly firmware: string;
  readonly virtType: string | undefined;
  /** As it was asked for; left out where the hypervisor's own was taken. */
  readonly arch: string | undefined;
  readonly machineType: string | undefined;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** Left out of one that is of none. */
  readonly fleet: string | undefined;
  /** Left out of one that is of none. */
  readonly group: string | undefined;
  /** The base image as it was known when the VM was made; left out where that was a path and no more. */
  readonly image: StoredImage | undefined;
  /** Left out where it has no screen. */
  readonly vnc: StoredVnc | undefined;
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
  /** Left out where nothing is bounded. */
  readonly ioLimits: IoLimits | undefined;
}

interface StoredBootDisk extends StoredDisk {
  readonly image: string | undefined;
  readonly imageFormat: string | undefined;
  readonly format: string;
  /** Its name in the VM's directory; left out of the one that the VM was made with. */
  readonly file?: string;
}

interface StoredDataDisk extends StoredDisk {
  readonly device: string;
}

interface StoredInterface {
  /** Left out of a bridged one, as 0.1.0 knew no other. */
  readonly mode: 'ethernet' | undefined;
  readonly address: string;
  readonly prefixLength: number;
  /** Left out where there is none. */
  readonly gateway: string | undefined;
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

interface StoredProvisioning extends Omit<StoredCloudInit, 'bus'> {
  readonly format: Exclude<ProvisioningFormat, 'cloud-init'>;
}

interface StoredCloudInit {
  readonly fqdn: string | undefined;
  readonly hostname: string;
  readonly sshPasswordAuth: boolean | undefined;
  readonly bus: string;
  /** Name of the seed, or config, in the VM's directory; left out of the one that the VM was made with. */
  readonly file?: string;
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
  const { bootDisk } = machine;
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
      ioLimits: storedIoLimits(bootDisk.ioLimits),
    },
    dataDisks: machine.dataDisks.map(({ device, sizeGib, cache, discard, ioLimits }) => ({
      device,
      sizeGib,
      cache,
      discard,
      ioLimits: storedIoLimits(ioLimits),
    })),
    ...storedMedia(machine),
    interfaces: machine.interfaces.map(storedInterface),
    ...storedGuest(machine.provisioning, hostKeys),
    cpuMode: machine.cpuMode,
    layout: machine.layout && storedLayout(machine.layout),
    autostart: machine.autostart,
    lifetimeMinutes: machine.lifetimeMinutes,
    onCrash: machine.onCrash === 'destroy' ? undefined : machine.onCrash,
    firmware: machine.firmware,
    virtType: machine.virtType,
    arch: machine.arch,
    machineType: machine.machineType,
    description: machine.description,
    tags: machine.tags,
    fleet: machine.fleet,
    group: machine.group,
    image: bootDisk.known && storedImage(bootDisk.known),
    vnc: machine.vnc && storedVnc(machine.vnc),
    ...storedExtras(machine),
  };
}

function storedGuest(
  guest: Provisioning | undefined,
  sshHostKeys: readonly string[] | undefined,
): Pick<StoredVm, 'cloudInit' | 'provisioning'> {
  if (guest === undefined) return { cloudInit: undefined, provisioning: undefined };
  const { format, fqdn, hostname, sshPasswordAuth, bus } = guest;
  const sshUser = sshUserOf(guest);
  return format === 'cloud-init'
    ? { cloudInit: { fqdn, hostname, sshPasswordAuth, bus, sshUser, sshHostKeys }, provisioning: undefined }
    : {
        cloudInit: undefined,
        provisioning: { format, fqdn, hostname, sshPasswordAuth, sshUser, sshHostKeys },
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

/**
 * Whom the file names; else the first user with a key; else the format's own, unless a document of the user's
 * own says who there is.
 */
function sshUserOf(guest: Provisioning): string | undefined {
  const { users, sshKeys, loginUser, rootPasswordHash, userData, format, ignition } = guest;
  const named = loginUser ?? users.find((user) => user.sshKeys.length > 0)?.name;
  if (named !== undefined) return named;
  if (sshKeys.length > 0) return loginUserOf(guest);
  const own = format === 'ignition' ? ignition.config : userData;
  if (format === 'cloud-init' && rootPasswordHash !== undefined) return 'root';
  return own === undefined ? loginUserOf(guest) : undefined;
}
