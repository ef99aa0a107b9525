import { parseIpv4 } from '../../config/values/ipv4.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import type { Expected } from './evidence.ts';

/** @param document of a VM, made by plow or not */
export function expectedOf(document: XmlElement): Expected {
  const declared = metadataInDomain(document)?.declared;
  const interfaces = declared?.interfaces ?? [];
  const first = interfaces.find(({ defaultRoute }) => defaultRoute === true) ?? interfaces[0];
  const { interfaces: devices, agent, ignition } = readDomain(document);
  const macs = devices.flatMap(({ mac }) => (mac === undefined ? [] : [mac]));
  const gateway = first?.gateway;
  // Anyone may have written the metadata.
  const isAddress = first !== undefined && parseIpv4(first.address) !== undefined;
  return {
    address: isAddress ? first.address : undefined,
    gateway: gateway !== undefined && parseIpv4(gateway) !== undefined ? gateway : undefined,
    macs,
    hostKeys: declared?.provisioning?.sshHostKeys ?? [],
    hasSeed: declared?.provisioning?.format === 'cloud-init',
    hasIgnition: ignition !== undefined || declared?.provisioning?.format === 'ignition',
    hasAgent: agent !== undefined,
    triesNetwork:
      devices.some(({ bootOrder }) => bootOrder !== undefined) ||
      document.all('os', 'boot').some((one) => one.attribute('dev') === 'network'),
  };
}
