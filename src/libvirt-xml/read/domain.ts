import { parseXml } from './parse.ts';
import type { XmlElement } from './parse.ts';

/** What a domain document says, as far as list, show and export look. https://libvirt.org/formatdomain.html */
export interface DomainFacts {
  readonly name: string;
  readonly uuid: string;
  /** `kvm`, `qemu`... */
  readonly type: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** Those that are plugged in at the start. */
  readonly vcpus: number;
  /** The most that can be plugged in while it runs. */
  readonly maximumVcpus: number;
  /** The most that the guest can have. */
  readonly memoryKib: number;
  /** What the balloon leaves it. */
  readonly currentMemoryKib: number;
  /** `host-model`, `host-passthrough`, `custom`...; undefined: QEMU's default. */
  readonly cpuMode: string | undefined;
  readonly machineType: string | undefined;
  readonly firmware: 'uefi' | 'bios';
  /** Undefined where libvirt chooses, and without UEFI. */
  readonly loader: string | undefined;
  readonly nvram: string | undefined;
  readonly disks: readonly DiskFacts[];
  readonly interfaces: readonly InterfaceFacts[];
  /** Of the guest agent's channel; undefined: it has none. `unknown`: the domain does not run. */
  readonly agent: 'connected' | 'disconnected' | 'unknown' | undefined;
  readonly consoles: readonly ConsoleFacts[];
}

export interface DiskFacts {
  /** `vda`. */
  readonly target: string;
  /** `virtio`, `scsi`, `sata`... */
  readonly bus: string | undefined;
  /** `disk`, `cdrom`, `lun` or `floppy`. */
  readonly device: string;
  /** `file`, `block`, `volume`, `network`... */
  readonly type: string;
  /** Path, `pool/volume` or the name of a network source; undefined for an empty drive. */
  readonly source: string | undefined;
  readonly format: string | undefined;
  readonly cache: string | undefined;
  readonly discard: string | undefined;
  readonly readOnly: boolean;
  /** Sources of the layers below, top first, as far as the document says. */
  readonly backing: readonly string[];
}

export interface InterfaceFacts {
  /** `bridge`, `network`, `direct`, `user`... */
  readonly type: string;
  /** Name of the bridge, network or device that it is plugged into. */
  readonly source: string | undefined;
  /** The bridge, also where a network of libvirt's is on one. */
  readonly bridge: string | undefined;
  /** Lower case. */
  readonly mac: string | undefined;
  readonly model: string | undefined;
  /** Bytes. */
  readonly mtu: number | undefined;
  /** Device on the host, of a domain that runs. */
  readonly tap: string | undefined;
  /** False where the document has its link down. */
  readonly linkUp: boolean;
}

export interface ConsoleFacts {
  /** `serial`, `console` (of virtio), `vnc`, `spice`... */
  readonly type: string;
  /** A device or file of the host (`/dev/pts/3`) or an address (`127.0.0.1:5900`); undefined for one that is not open. */
  readonly at: string | undefined;
}

/** @throws Error where it is no XML document */
export function readDomain(domainDocument: string): DomainFacts {
  const domain = parseXml(domainDocument);
  const os = domain.first('os');
  const loader = os?.first('loader');
  const devices = domain.first('devices');
  const memoryKib = kibOf(domain.first('memory'));
  const vcpu = domain.first('vcpu');
  return {
    name: textOf(domain.first('name')) ?? '',
    uuid: textOf(domain.first('uuid')) ?? '',
    type: domain.attribute('type') ?? '',
    title: textOf(domain.first('title')),
    description: textOf(domain.first('description')),
    vcpus: Number(vcpu?.attribute('current') ?? textOf(vcpu) ?? '1'),
    maximumVcpus: Number(textOf(vcpu) ?? '1'),
    memoryKib,
    currentMemoryKib: domain.first('currentMemory') ? kibOf(domain.first('currentMemory')) : memoryKib,
    cpuMode: domain.first('cpu')?.attribute('mode'),
    machineType: os?.first('type')?.attribute('machine'),
    firmware: os?.attribute('firmware') === 'efi' || loader?.attribute('type') === 'pflash' ? 'uefi' : 'bios',
    loader: textOf(loader),
    nvram: os?.first('nvram', 'source')?.attribute('file') ?? textOf(os?.first('nvram')),
    disks: (devices?.children('disk') ?? []).map(readDisk),
    interfaces: (devices?.children('interface') ?? []).map(readInterface),
    agent: readAgent(devices),
    consoles: [
      ...(devices?.children('serial') ?? []).map((serial) => readCharacterDevice('serial', serial)),
      ...(devices?.children('console') ?? [])
        .filter((one) => one.first('target')?.attribute('type') !== 'serial')
        .map((one) => readCharacterDevice('console', one)),
      ...(devices?.children('graphics') ?? []).map(readGraphics),
    ],
  };
}

function textOf(element: XmlElement | undefined): string | undefined {
  const text = element?.text().trim();
  return text === '' ? undefined : text;
}

/** libvirt's own documents are in KiB; those of others may say a unit. https://libvirt.org/formatdomain.html#memory-allocation */
const KIB: Readonly<Record<string, number>> = {
  b: 1 / 1024,
  bytes: 1 / 1024,
  KB: 1000 / 1024,
  k: 1,
  KiB: 1,
  MB: 1e6 / 1024,
  M: 2 ** 10,
  MiB: 2 ** 10,
  GB: 1e9 / 1024,
  G: 2 ** 20,
  GiB: 2 ** 20,
  T: 2 ** 30,
  TiB: 2 ** 30,
};

function kibOf(element: XmlElement | undefined): number {
  return Math.round(Number(textOf(element) ?? '0') * (KIB[element?.attribute('unit') ?? 'KiB'] ?? 1));
}

function readDisk(disk: XmlElement): DiskFacts {
  const driver = disk.first('driver');
  return {
    target: disk.first('target')?.attribute('dev') ?? '?',
    bus: disk.first('target')?.attribute('bus'),
    device: disk.attribute('device') ?? 'disk',
    type: disk.attribute('type') ?? 'file',
    source: sourceOf(disk),
    format: driver?.attribute('type'),
    cache: driver?.attribute('cache'),
    discard: driver?.attribute('discard'),
    readOnly: disk.first('readonly') !== undefined,
    backing: chainBelow(disk),
  };
}

function sourceOf(layer: XmlElement): string | undefined {
  const source = layer.first('source');
  const pool = source?.attribute('pool');
  return (
    source?.attribute('file') ??
    source?.attribute('dev') ??
    source?.attribute('dir') ??
    (pool === undefined ? source?.attribute('name') : `${pool}/${source?.attribute('volume') ?? ''}`)
  );
}

function chainBelow(disk: XmlElement): readonly string[] {
  const chain: string[] = [];
  for (let layer = disk.first('backingStore'); layer !== undefined; layer = layer.first('backingStore')) {
    const source = sourceOf(layer);
    if (source !== undefined) chain.push(source);
  }
  return chain;
}

function readInterface(element: XmlElement): InterfaceFacts {
  const source = element.first('source');
  const mtu = element.first('mtu')?.attribute('size');
  return {
    type: element.attribute('type') ?? '',
    source: source?.attribute('network') ?? source?.attribute('bridge') ?? source?.attribute('dev'),
    bridge: source?.attribute('bridge'),
    mac: element.first('mac')?.attribute('address')?.toLowerCase(),
    model: element.first('model')?.attribute('type'),
    mtu: mtu === undefined ? undefined : Number(mtu),
    tap: element.first('target')?.attribute('dev'),
    linkUp: element.first('link')?.attribute('state') !== 'down',
  };
}

const AGENT = 'org.qemu.guest_agent.0';

function readAgent(devices: XmlElement | undefined): DomainFacts['agent'] {
  const target = devices?.all('channel', 'target').find((one) => one.attribute('name') === AGENT);
  if (target === undefined) return undefined;
  const state = target.attribute('state');
  return state === 'connected' || state === 'disconnected' ? state : 'unknown';
}

/** A `console` of the kind `serial` is the first serial port once more. */
function readCharacterDevice(type: 'serial' | 'console', element: XmlElement): ConsoleFacts {
  const source = element.first('source');
  const [host, service] = [source?.attribute('host'), source?.attribute('service')];
  return { type, at: source?.attribute('path') ?? (service && `${host ?? ''}:${service}`) };
}

function readGraphics(graphics: XmlElement): ConsoleFacts {
  const port = graphics.attribute('port');
  const open = port !== undefined && port !== '-1';
  const listen = graphics.attribute('listen') ?? graphics.first('listen')?.attribute('address');
  return {
    type: graphics.attribute('type') ?? 'graphics',
    at: open ? `${listen ?? '127.0.0.1'}:${port}` : graphics.attribute('socket'),
  };
}

/** Whether a domain runs: while it does libvirt gives it a number. */
export function hasDomainId(domainDocument: string): boolean {
  return parseXml(domainDocument).attribute('id') !== undefined;
}
