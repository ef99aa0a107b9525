import type { GuestKind } from '../config/settle.ts';

/** What the hypervisor says of itself. */
export interface Host {
  /** Capabilities document. https://libvirt.org/formatcaps.html */
  capabilities(): Promise<string>;
  /** What QEMU can do for such a machine. https://libvirt.org/formatdomaincaps.html */
  domainCapabilities(kind: GuestKind & { readonly machineType: string }): Promise<string>;
  /** 1,000,000 * major + 1,000 * minor + release. */
  libvirtVersion(): Promise<number>;
  /** As libvirtVersion. */
  qemuVersion(): Promise<number>;
  /** Fails with reason `unsupported` where the driver does not tell. */
  memory(): Promise<HostMemory>;
  /**
   * Free pages by node, from the first on, of each size in turn. Fails with reason `unsupported` where the
   * driver does not tell.
   */
  freePages(sizesKib: readonly number[], nodes: number): Promise<readonly (readonly number[])[]>;
  /**
   * What libvirt has against starting a domain of such a document, as far as its command line tells;
   * undefined: nothing. Fails with reason `forbidden` on a connection for looking.
   */
  flawOf(xml: string): Promise<string | undefined>;
  findInterface(name: string): Promise<HostInterface | undefined>;
  /** Document of one of libvirt's own networks, as `virsh net-dumpxml` prints it. */
  networkXml(name: string): Promise<string | undefined>;
  /** All of them but ports of bridges and taps of VMs, which findInterface finds as well. */
  listInterfaces(): Promise<readonly HostInterface[]>;
}

/** A bridge of the hypervisor, or another interface. */
export interface HostInterface {
  readonly name: string;
  readonly xml: string;
  readonly link: InterfaceLink | undefined;
  /** IPv4 addresses as `10.20.30.1/24`; undefined where only the document may tell them. */
  readonly addresses: readonly string[] | undefined;
}

/**
 * `down`: switched off. `no-carrier`: nothing is plugged in. `inactive`: one of these, or idle; libvirt knows
 * no more.
 */
export type InterfaceLink = 'up' | 'down' | 'no-carrier' | 'inactive';

export interface HostMemory {
  readonly totalBytes: number;
  /** Free, or taken by caches that give way. */
  readonly availableBytes: number;
}
