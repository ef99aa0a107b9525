import type { OwnDetails } from '../../vm/show/show.ts';
import { field } from '../../terminal/blocks.ts';
import type { Block } from '../../terminal/blocks.ts';
import { memoryText } from '../quantities.ts';

type Declared = OwnDetails['declared'];

/** The configuration that a VM was made with. */
export function declaredBlock(declared: Declared): Block {
  const { bootDisk, dataDisks, interfaces, cloudInit, memoryKib } = declared;
  const origin = bootDisk.image === undefined ? 'empty' : imageText(bootDisk.image, bootDisk.format);
  return {
    title: 'Declared',
    entries: [
      field('VCPUs', declared.vcpus?.toString()),
      field('Memory', memoryKib === undefined ? undefined : memoryText(memoryKib)),
      field('Boot disk', words(diskText(bootDisk), bootDisk.format, origin, ...tuning(bootDisk))),
      ...dataDisks.map((disk) => field(`Disk ${disk.device}`, words(diskText(disk), ...tuning(disk)))),
      ...interfaces.map((one) => field('Interface', interfaceText(one))),
      field('Cloud-init', cloudInit === undefined ? 'none' : cloudInitText(cloudInit)),
      field('CPU mode', declared.cpuMode),
      field('Machine type', declared.machineType),
      field('Firmware', declared.firmware),
      field('Virt type', declared.virtType ?? 'what the hypervisor could do'),
      field('Autostart', yesNo(declared.autostart)),
    ],
  };
}

function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(', ');
}

function imageText(image: string, format: string | undefined): string {
  return `${format === 'raw' ? 'a copy of' : 'an overlay on'} ${image}`;
}

function diskText({ sizeGib }: { readonly sizeGib: number | undefined }): string | undefined {
  return sizeGib === undefined ? undefined : `${sizeGib} GiB`;
}

/** What is as by default is not worth a word. */
function tuning({
  cache,
  discard,
}: Pick<Declared['bootDisk'], 'cache' | 'discard'>): readonly (string | undefined)[] {
  return [
    cache === undefined || cache === 'none' ? undefined : `cache ${cache}`,
    discard === undefined || discard === 'ignore' ? undefined : `discard ${discard}`,
  ];
}

function interfaceText(one: Declared['interfaces'][number]): string {
  const { address, prefixLength, bridge, gateway, mac, mtu, dnsServers, defaultRoute } = one;
  return words(
    `${address}${prefixLength === undefined ? '' : `/${prefixLength}`}`,
    bridge && `bridge ${bridge}`,
    gateway && `gateway ${gateway}${defaultRoute === true ? ' (default route)' : ''}`,
    dnsServers.length === 0 ? undefined : `DNS ${dnsServers.join(' ')}`,
    mac && `MAC ${mac}`,
    mtu === undefined ? undefined : `MTU ${mtu}`,
  );
}

function cloudInitText({ fqdn, hostname, sshPasswordAuth, bus }: NonNullable<Declared['cloudInit']>): string {
  return words(
    (fqdn ?? hostname) && `host ${fqdn ?? hostname}`,
    sshPasswordAuth === undefined ? undefined : `password logins ${sshPasswordAuth ? 'on' : 'off'}`,
    bus && `seed on ${bus}`,
  );
}

function yesNo(value: boolean | undefined): string | undefined {
  if (value === undefined) return undefined;
  return value ? 'yes' : 'no';
}
