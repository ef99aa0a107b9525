import type { VirtType } from '../config/machine.ts';
import { parseXml } from './parse-xml.ts';
import type { XmlElement } from './parse-xml.ts';

export interface DomainDisk {
  readonly target: string;
  /** `disk`, `cdrom`, `lun` or `floppy`. */
  readonly device: string;
  /** `file`, `block`, `volume`, `network`... */
  readonly type: string;
  /** Path of the file or block device; undefined for an empty drive or another kind of source. */
  readonly path: string | undefined;
}

/** The disks that a domain document names; never what lies behind them in a backing chain. */
export function readDisks(domainDocument: string): readonly DomainDisk[] {
  return parseXml(domainDocument)
    .all('devices', 'disk')
    .map((disk) => ({
      target: disk.first('target')?.attribute('dev') ?? '?',
      device: disk.attribute('device') ?? 'disk',
      type: disk.attribute('type') ?? 'file',
      path: sourcePath(disk),
    }));
}

/** File or block device of a disk, or of a layer in its backing chain. */
function sourcePath(layer: XmlElement): string | undefined {
  const source = layer.first('source');
  return source?.attribute('file') ?? source?.attribute('dev');
}

/** Every file and block device that a domain's disks stand on, as far as its document says. */
export function readDiskPaths(domainDocument: string): readonly string[] {
  return parseXml(domainDocument).all('devices', 'disk').flatMap(chainPaths);
}

function chainPaths(layer: XmlElement): readonly string[] {
  const path = sourcePath(layer);
  return [...(path === undefined ? [] : [path]), ...layer.children('backingStore').flatMap(chainPaths)];
}

/** MAC addresses of a domain's interfaces, in order. */
export function readMacs(domainDocument: string): readonly string[] {
  return parseXml(domainDocument)
    .all('devices', 'interface', 'mac')
    .map((mac) => mac.attribute('address') ?? '');
}

export interface VolumeFacts {
  /** `file`, `dir`, `block`... */
  readonly type: string;
  readonly path: string;
  /** `qcow2`, `raw`, `vmdk`...: found by libvirt in the file itself. */
  readonly format: string;
  /** What the file is itself an overlay on. */
  readonly backingPath: string | undefined;
  /** Virtual size. */
  readonly capacityBytes: number;
  readonly permissions: { readonly mode: number; readonly owner: number; readonly group: number } | undefined;
}

export function readVolume(volumeDocument: string): VolumeFacts {
  const volume = parseXml(volumeDocument);
  const permissions = volume.first('target', 'permissions');
  const number = (name: string, radix: number): number =>
    Number.parseInt(permissions?.first(name)?.text() ?? '', radix);
  return {
    type: volume.attribute('type') ?? 'file',
    path: volume.first('target', 'path')?.text() ?? '',
    format: volume.first('target', 'format')?.attribute('type') ?? 'raw',
    backingPath: volume.first('backingStore', 'path')?.text(),
    capacityBytes: Number(volume.first('capacity')?.text() ?? '0'),
    permissions: permissions && {
      mode: number('mode', 8),
      owner: number('owner', 10),
      group: number('group', 10),
    },
  };
}

export function readPoolPath(poolDocument: string): string | undefined {
  return parseXml(poolDocument).first('target', 'path')?.text();
}

export interface HostFacts {
  /** What x86_64 guests can run as. */
  readonly virtTypes: readonly VirtType[];
  /** User and group that QEMU runs as; undefined where libvirt does not say. */
  readonly qemuUser: { readonly uid: number; readonly gid: number } | undefined;
}

/** From the capabilities document. https://libvirt.org/formatcaps.html */
export function readCapabilities(capabilitiesDocument: string): HostFacts {
  const capabilities = parseXml(capabilitiesDocument);
  const hvm = capabilities.children('guest').filter((guest) => guest.first('os_type')?.text() === 'hvm');
  const arch = hvm
    .flatMap((guest) => guest.children('arch'))
    .find((one) => one.attribute('name') === 'x86_64');
  const types = arch?.children('domain').map((domain) => domain.attribute('type')) ?? [];
  const dac = capabilities
    .all('host', 'secmodel')
    .find((model) => model.first('model')?.text() === 'dac')
    ?.first('baselabel')
    ?.text();
  const user = /^\+(?<uid>\d+):\+(?<gid>\d+)$/u.exec(dac ?? '')?.groups;
  return {
    virtTypes: (['kvm', 'qemu'] as const).filter((type) => types.includes(type)),
    qemuUser: user && { uid: Number(user['uid']), gid: Number(user['gid']) },
  };
}

/** Kind of a host interface: `bridge`, `ethernet`, `vlan`, `bond`. */
export function readInterfaceType(interfaceDocument: string): string {
  return parseXml(interfaceDocument).attribute('type') ?? 'unknown';
}
