import type { FileMistake } from '../errors/plow-error.ts';
import type { Extras, IoLimits } from './machine/extras.ts';
import type { MachineMedia } from './machine/media.ts';
import type { Provisioning, ProvisioningFormat, SeedBus } from './machine/provisioning.ts';

export type { Cdrom, CdromBus } from './machine/media.ts';
export { loginUserOf, NETWORK_MANAGERS, standsAlone } from './machine/provisioning.ts';
export type { Provisioning, ProvisioningFormat, SeedBus, User, WrittenFile } from './machine/provisioning.ts';
import type { Layout } from './machine/layout.ts';
import type { Vnc } from './machine/vnc.ts';

/**
 * A VM as the rest of the program knows it: every default filled in, every value checked,
 * the unit in the name. Made by load.ts from YAML, and by nothing else outside tests.
 */
export interface Machine extends Extras, MachineMedia {
  /** libvirt domain name, lower case. */
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly bootDisk: BootDisk;
  readonly dataDisks: readonly DataDisk[];
  /** At least one. */
  readonly interfaces: readonly NetworkInterface[];
  /** What sets up the guest at its first boot. Undefined: nothing does. */
  readonly provisioning: Provisioning | undefined;
  /** Undefined: what the architecture has by default. */
  readonly cpuMode: CpuMode | undefined;
  /** Of CPUs and memory; undefined where the file says nothing of it. */
  readonly layout: Layout | undefined;
  readonly autostart: boolean;
  /** From when it is made until plow gc may end it; undefined: it does not expire. */
  readonly lifetimeMinutes: number | undefined;
  readonly firmware: Firmware;
  /** What becomes of the VM when its guest crashes, and says so. */
  readonly onCrash: OnCrash;
  /** Undefined: whatever the host can do, kvm first. */
  readonly virtType: VirtType | undefined;
  /** Undefined: the hypervisor's own. */
  readonly arch: Arch | undefined;
  /**
   * `q35`, `pc` or `virt`: the newest of the hypervisor; or one with a version. Undefined: what the
   * architecture has by default.
   */
  readonly machineType: string | undefined;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** Undefined: of none, so that no lack of a file is the end of it. */
  readonly fleet?: string | undefined;
  /** VMs of one are not taken down together. */
  readonly group?: string | undefined;
  /** Undefined: it has no screen. */
  readonly vnc?: Vnc | undefined;
}

/** As libvirt calls them; what differs between them stands in architectures.ts. */
export const ARCHES = ['x86_64', 'aarch64'] as const;
export type Arch = (typeof ARCHES)[number];
/** As libvirt calls them. https://libvirt.org/formatdomain.html#cpu-model-and-topology */
export const CPU_MODES = ['host-model', 'host-passthrough', 'maximum'] as const;
/** `custom`: a model by its name. */
export type CpuMode = (typeof CPU_MODES)[number] | 'custom';
/** As libvirt calls them. https://libvirt.org/formatdomain.html#events-configuration */
export const ON_CRASH = ['destroy', 'restart', 'preserve', 'coredump-destroy', 'coredump-restart'] as const;
export type OnCrash = (typeof ON_CRASH)[number];
export type Firmware = 'uefi' | 'bios';
export type VirtType = 'kvm' | 'qemu';
export type DiskFormat = 'qcow2' | 'raw';
/** Of what has a name on a hypervisor: a base image, or an install medium. */
export type ImageFormat = DiskFormat | 'iso';
export type CacheMode = 'none' | 'writeback' | 'writethrough' | 'directsync' | 'unsafe';

interface DiskTuning {
  readonly cache: CacheMode;
  readonly discard: 'ignore' | 'unmap';
  /** Undefined: as much as the hypervisor can. */
  readonly ioLimits?: IoLimits;
}

/** What a VM of an image needs, where its own file says nothing. */
export interface ImageNeeds {
  /** Undefined: it starts with either. */
  readonly firmware?: Firmware;
  /** Undefined: any will do. */
  readonly seedBus?: SeedBus;
  readonly provisioning: ProvisioningFormat;
  /** Of x86_64, the least that it runs on. */
  readonly cpu?: 'x86-64-v2' | 'x86-64-v3';
}

/** A base image that plow has pulled, as its record tells. */
export interface KnownImage {
  readonly name: string;
  /** The publisher's build. */
  readonly version: string;
  /** Of the image itself, `sha256:...`; undefined where nobody knows it. */
  readonly digest: string | undefined;
  /** On the hypervisor. */
  readonly path: string;
}

export interface BootDisk extends DiskTuning {
  /** Size of the VM's own disk in GiB (2^30 bytes). */
  readonly sizeGib: number;
  /**
   * Absolute path of the base image on the hypervisor; undefined: an empty disk. Of an image of this machine
   * its path as it is written, from ./, ../ or ~/ on, until it is there.
   */
  readonly image: string | undefined;
  /** The same, where it is one that plow has pulled, and what it needs as far as its record says. */
  readonly known?: KnownImage & { readonly needs?: ImageNeeds | undefined };
  /** What the image must be; undefined: what its name says, else what it is. */
  readonly imageFormat: DiskFormat | undefined;
  /** Format of the VM's own disk: qcow2 is an overlay on the image, raw a full copy. */
  readonly format: DiskFormat;
}

export interface DataDisk extends DiskTuning {
  /** Target device: vdb to vdz. */
  readonly device: string;
  readonly sizeGib: number;
}

interface AnyInterface {
  /** IPv4 address in dotted form, without the prefix. */
  readonly address: string;
  /** 1 to 32. */
  readonly prefixLength: number;
  /** Undefined only where it has not the default route. */
  readonly gateway: string | undefined;
  /** False for an on-link gateway, always so with a /32. */
  readonly gatewayInSubnet: boolean;
  readonly dnsServers: readonly string[];
  readonly defaultRoute: boolean;
  /** Lower case; unless the file says another, be:ef: and the four octets of the address. */
  readonly mac: string;
  /** Bytes; undefined: the guest's default, 1500. */
  readonly mtu: number | undefined;
  /** Firmware tries the network here before it tries the boot disk. */
  readonly bootsFromNetwork: boolean;
}

export const INTERFACE_MODES = ['bridge', 'ethernet'] as const;

/** Plugged into a bridge of the hypervisor. */
export interface BridgedInterface extends AnyInterface {
  readonly mode: 'bridge';
  readonly bridge: string;
  /** Its frames carry this tag beyond the port of the bridge, and not in the guest; undefined: none. */
  readonly vlan: number | undefined;
}

/** A tap of its own, to which the hypervisor has a route: a /32 with ROUTED_GATEWAY, on-link. */
export interface RoutedInterface extends AnyInterface {
  readonly mode: 'ethernet';
  /** Name of the tap, which tapFor makes of the address. */
  readonly tap: string;
}

export type NetworkInterface = BridgedInterface | RoutedInterface;

/** A place in the YAML file that a machine came from. */
export type ConfigPath = readonly (string | number)[];

/** Whether a VM file has a key itself, be it that it says there what is the default anyway. */
export type IsSaid = (path: ConfigPath) => boolean;

/** A file of this machine that was opened once: whatever takes its place, its bytes are those of this one. */
export interface LocalImage {
  /** As the user wrote it. */
  readonly path: string;
  readonly bytes: number;
  /** The same under each of its paths. */
  readonly file: string;
  /** Fills a buffer from an offset on. @returns fewer bytes at its end @throws the system's errors */
  read(buffer: Uint8Array, offset: number): Promise<number>;
  /** Whether it is the file still that was opened, as far as its size and times tell. */
  isAsItWas(): boolean;
}

/** A build of an image that a lock means by its name. */
export interface LockedBuild {
  readonly version: string;
  readonly url: string;
  readonly format: ImageFormat;
  /** `sha256:...` of the image itself, and of what is downloaded where that is known. */
  readonly content: string;
  readonly downloaded?: string | undefined;
}

/** What a lock says of an image that a file names. */
export interface ImageLock {
  /** The lock's own file, as it would be named on a command line. */
  readonly file: string;
  readonly name: string;
  /** As the file says itself; undefined: the name alone. */
  readonly version: string | undefined;
  /** One at least. */
  readonly builds: Readonly<Partial<Record<Arch, LockedBuild | undefined>>>;
}

/** A machine and the text it came from, so that later checks can point into the file. */
export interface LoadedMachine {
  readonly machine: Machine;
  /** That describes it. */
  readonly file?: string;
  /** Where it is to be made, as its file says. */
  readonly host?: string | undefined;
  /** What is odd but allowed, each as `file:line:column: key: text`. */
  readonly warnings: readonly string[];
  /** `file:line:column: key` of a value, or of the nearest key above it that the file has. */
  locate(path: ConfigPath): string;
  /** A mistake at such a place, as data. */
  mistake(path: ConfigPath, text: string): FileMistake;
  /** Its base image and its install medium, where these are files of this machine. */
  readonly localImage?: LocalImage;
  readonly localMedium?: LocalImage;
  /** Whether its file has a key, and not a default; without it every key counts as said. */
  readonly isSaid?: IsSaid;
  /** Where its base image or its medium is named, and a lock has the name. */
  readonly imageLock?: ImageLock;
  readonly mediumLock?: ImageLock;
}
