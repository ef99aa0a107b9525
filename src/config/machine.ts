/**
 * A VM as the rest of the program knows it: every default filled in, every value checked,
 * the unit in the name. Made by load.ts from YAML, and by nothing else outside tests.
 */
export interface Machine {
  /** libvirt domain name, lower case. */
  readonly name: string;
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly bootDisk: BootDisk;
  readonly dataDisks: readonly DataDisk[];
  /** At least one. */
  readonly interfaces: readonly NetworkInterface[];
  /** Undefined: the VM gets no seed ISO. */
  readonly cloudInit: CloudInit | undefined;
  readonly cpuMode: CpuMode;
  readonly autostart: boolean;
  readonly firmware: Firmware;
  /** Undefined: whatever the host can do, kvm first. */
  readonly virtType: VirtType | undefined;
}

export type CpuMode = 'host-model' | 'host-passthrough';
export type Firmware = 'uefi' | 'bios';
export type VirtType = 'kvm' | 'qemu';
export type DiskFormat = 'qcow2' | 'raw';

export interface BootDisk {
  /** Size of the VM's own disk in GiB (2^30 bytes). */
  readonly sizeGib: number;
  /** Absolute path of the base image on the hypervisor; undefined: an empty disk. */
  readonly image: string | undefined;
  /** Format of the VM's own disk: qcow2 is an overlay on the image, raw a full copy. */
  readonly format: DiskFormat;
}

export interface DataDisk {
  /** Target device: vdb to vdz. */
  readonly device: string;
  readonly sizeGib: number;
}

export interface NetworkInterface {
  /** IPv4 address in dotted form, without the prefix. */
  readonly address: string;
  /** 0 to 32. */
  readonly prefixLength: number;
  readonly gateway: string;
  /** False for an on-link gateway, always so with a /32. */
  readonly gatewayInSubnet: boolean;
  readonly dnsServers: readonly string[];
  readonly bridge: string;
  readonly defaultRoute: boolean;
  /** be:ef: and the four octets of the address. */
  readonly mac: string;
}

export interface CloudInit {
  /** Lower case; undefined: the guest knows its host name only. */
  readonly fqdn: string | undefined;
  /** First label of the fqdn, else the VM's name. */
  readonly hostname: string;
  readonly sshKeys: readonly string[];
  /** crypt(3) hash. A secret: it goes into the seed ISO and nowhere else. */
  readonly rootPasswordHash: string | undefined;
  readonly sshPasswordAuth: boolean;
}

/** A place in the YAML file that a machine came from. */
export type ConfigPath = readonly (string | number)[];

/** A machine and the text it came from, so that later checks can point into the file. */
export interface LoadedMachine {
  readonly machine: Machine;
  /** What is odd but allowed, each as `file:line:column: key: text`. */
  readonly warnings: readonly string[];
  /** `file:line:column: key` of a value, or of the nearest key above it that the file has. */
  locate(path: ConfigPath): string;
}
