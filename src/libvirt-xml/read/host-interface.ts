import { parseXml } from './parse.ts';
import type { XmlElement } from './parse.ts';

export interface InterfaceFacts {
  /** `bridge`, `ethernet`, `vlan`, `bond`. */
  readonly type: string;
  /** What is plugged in to a bridge; libvirt leaves the taps of VMs out. */
  readonly ports: readonly Port[];
  /** IPv4 addresses as `10.20.30.1/24`; libvirt's udev driver tells none. */
  readonly addresses: readonly string[];
}

export interface Port {
  readonly name: string;
  /** The kernel's `operstate`: `up`, `down`, `lowerlayerdown`...; undefined where libvirt does not say. */
  readonly state: string | undefined;
}

/** A host interface. https://gitlab.com/libvirt/libvirt/-/blob/master/src/conf/schemas/interface.rng */
export function readInterface(interfaceDocument: string): InterfaceFacts {
  const root = parseXml(interfaceDocument);
  return {
    type: root.attribute('type') ?? 'unknown',
    ports: root.all('bridge', 'interface').map((port) => ({
      name: port.attribute('name') ?? '?',
      state: port.first('link')?.attribute('state'),
    })),
    addresses: root
      .children('protocol')
      .filter((protocol) => protocol.attribute('family') === 'ipv4')
      .flatMap((protocol) => protocol.children('ip').flatMap(addressOf)),
  };
}

function addressOf(ip: XmlElement): readonly string[] {
  const [address, prefix] = [ip.attribute('address'), ip.attribute('prefix')];
  return address === undefined || prefix === undefined ? [] : [`${address}/${prefix}`];
}
