import { create } from 'xmlbuilder2';
import { CDROM_TARGET } from '../../config/values/media.ts';
import { isMap } from '../../config/yaml/raw-value.ts';
import type { NetworkInterface } from '../../config/machine.ts';
import { changedLayout } from './layout.ts';
import { storedInterface } from './stored-vm.ts';
import type { StoredVm } from './stored-vm.ts';
import { literal } from '../literal.ts';
import type { XmlElement } from '../read/parse.ts';
import { METADATA_NAMESPACE } from './metadata.ts';

/** What has become of a VM since it was made; what is left out is as it was. */
export interface MachineChange {
  readonly vcpus?: number | undefined;
  readonly memoryMib?: number | undefined;
  /** In GiB, by target. */
  readonly diskSizes?: ReadonlyMap<string, number>;
  /** A data disk that it has from now on. */
  readonly added?: Readonly<Record<'device' | 'cache' | 'discard', string>> & { readonly sizeGib: number };
  /** An interface that it has from now on. */
  readonly addedInterface?: NetworkInterface;
  /** An interface that it has no more, by MAC address. */
  readonly removedInterface?: string;
  /** What is in a drive from now on, by target; undefined: nothing. */
  readonly medium?: { readonly target: string; readonly image: string | undefined };
  /** A data disk that it has no more, by target. */
  readonly removed?: string;
  /** What its guest is told from now on. */
  readonly guest?: GuestChange;
  /** What it starts from, and the image that this began as. */
  readonly boot?: { readonly bootDisk: unknown; readonly image: unknown };
  /** What it starts from and what its guest is told, as that was once. */
  readonly former?: FormerParts;
}

/** Parts of plow's element as they stand there. */
export type FormerParts = Readonly<Record<(typeof FORMER_PARTS)[number], unknown>>;
const FORMER_PARTS = ['bootDisk', 'image', 'cloudInit', 'provisioning', 'interfaces'] as const;

export interface GuestChange {
  /** Name of the seed, or config, in the VM's directory; undefined: that which the VM was made with. */
  readonly file: string | undefined;
  /** What else there is to say of it; undefined: what was said. */
  readonly told?: StoredVm['cloudInit'] | StoredVm['provisioning'];
  /** Whose addresses those with the same MAC addresses have from now on. */
  readonly interfaces?: StoredVm['interfaces'];
}

export type JsonMap = Record<string, unknown>;

/**
 * plow's element in a domain's document with some values changed, for virDomainSetMetadata. Whatever else is
 * in it stays, also what this plow does not know.
 * @returns undefined where there is no such element, or nothing changes
 */
export function changedMetadata(domain: XmlElement, change: MachineChange): string | undefined {
  return rewrittenMetadata(domain, (stored) => changed(stored, change));
}

/** As changedMetadata. @param rewrite what stands there now -> what is to stand there */
export function rewrittenMetadata(
  domain: XmlElement,
  rewrite: (stored: Readonly<JsonMap>) => JsonMap,
): string | undefined {
  const namespace = `xmlns:${METADATA_NAMESPACE.prefix}`;
  const element = elementIn(domain);
  if (element === undefined) return undefined;
  const before: unknown = JSON.parse(element.text());
  if (!isMap(before)) return undefined;
  const after = rewrite(before);
  if (JSON.stringify(after) === JSON.stringify(before)) return undefined;
  const attributes = Object.fromEntries(
    element
      .attributeNames()
      .filter((name) => name !== namespace)
      .map((name) => [name, literal(element.attribute(name) ?? '')]),
  );
  return create()
    .ele('vm', attributes)
    .txt(literal(JSON.stringify(after)))
    .end({ headless: true });
}

/** The domain's own: a clone carries a copy. */
function elementIn(domain: XmlElement): XmlElement | undefined {
  const { prefix, uri } = METADATA_NAMESPACE;
  const uuid = domain.first('uuid')?.text();
  return domain
    .all('metadata', 'vm')
    .find((one) => one.attribute(`xmlns:${prefix}`) === uri && one.attribute('uuid') === uuid);
}

/** What plow's element says of the disk that a VM starts from and of its guest, to be put back. */
export function formerParts(domain: XmlElement): FormerParts {
  const stored: unknown = JSON.parse(elementIn(domain)?.text() ?? 'null');
  const { bootDisk, image, cloudInit, provisioning, interfaces } = isMap(stored) ? stored : {};
  return { bootDisk, image, cloudInit, provisioning, interfaces };
}

function changed(before: Readonly<JsonMap>, change: MachineChange): JsonMap {
  const stored = change.former === undefined ? before : asFormerly(before, change.former);
  const { vcpus, memoryMib, diskSizes = new Map<string, number>() } = change;
  const { dataDisks, interfaces, cdrom } = stored;
  const { bootDisk, image } = change.boot ?? stored;
  return {
    ...stored,
    ...(vcpus === undefined ? {} : { vcpus }),
    ...(memoryMib === undefined ? {} : { memoryMib }),
    ...changedLayout(stored, change),
    ...(isMap(bootDisk) ? { bootDisk: sized(bootDisk, diskSizes.get('vda')) } : {}),
    ...(image === stored['image'] ? {} : { image }),
    ...(change.guest === undefined ? {} : changedGuest(stored, change.guest)),
    ...(Array.isArray(dataDisks) ? { dataDisks: changedDisks(dataDisks, diskSizes, change) } : {}),
    ...(Array.isArray(interfaces) ? { interfaces: changedInterfaces(interfaces, change) } : {}),
    ...(isMap(cdrom) ? { cdrom: changedDrive(cdrom, change) } : {}),
  };
}

/** Interfaces have come and gone since: of those that are there their addresses. */
function asFormerly(stored: Readonly<JsonMap>, { interfaces, ...parts }: FormerParts): JsonMap {
  const now = stored['interfaces'];
  const then: readonly unknown[] = Array.isArray(interfaces) ? interfaces : [];
  return {
    ...stored,
    ...parts,
    interfaces: Array.isArray(now) ? now.map((one: unknown) => readdressed(one, then)) : now,
  };
}

/** Of a VM that has one: whatever it is told in. */
function changedGuest(stored: Readonly<JsonMap>, { file, told }: GuestChange): JsonMap {
  const key = isMap(stored['cloudInit']) ? 'cloudInit' : 'provisioning';
  const before = stored[key];
  return isMap(before) ? { [key]: { ...before, ...told, file } } : {};
}

/** The drive that plow made, and no other. */
function changedDrive(cdrom: Readonly<JsonMap>, { medium }: MachineChange): JsonMap {
  if (medium?.target !== CDROM_TARGET || medium.image === cdrom['image']) return cdrom;
  const { image, ejected: _, ...rest } = cdrom;
  return medium.image === undefined ? { ...rest, ejected: image } : { ...rest, image: medium.image };
}

function changedInterfaces(
  interfaces: readonly unknown[],
  { addedInterface: added, removedInterface: removed, guest }: MachineChange,
): readonly unknown[] {
  const left = removed === undefined ? interfaces : interfaces.filter((one) => !hasMac(one, removed));
  const kept = left.map((one) => readdressed(one, guest?.interfaces ?? []));
  return added === undefined || kept.some((one) => hasMac(one, added.mac))
    ? kept
    : [...kept, storedInterface(added)];
}

function readdressed(one: unknown, all: readonly unknown[]): unknown {
  const now = all.find((other) => isMap(one) && isMap(other) && other['mac'] === one['mac']);
  if (!isMap(now) || !isMap(one)) return one;
  const { address, prefixLength, gateway, gatewayInSubnet, dnsServers, defaultRoute } = now;
  return { ...one, address, prefixLength, gateway, gatewayInSubnet, dnsServers, defaultRoute };
}

function hasMac(one: unknown, mac: string): boolean {
  return isMap(one) && one['mac'] === mac;
}

function isOf(disk: unknown, device: string): boolean {
  return isMap(disk) && disk['device'] === device;
}

function changedDisks(
  disks: readonly unknown[],
  sizes: ReadonlyMap<string, number>,
  { added, removed }: MachineChange,
): readonly unknown[] {
  const kept = removed === undefined ? disks : disks.filter((disk) => !isOf(disk, removed));
  const grown = kept.map((disk) => (isMap(disk) ? sized(disk, sizes.get(String(disk['device']))) : disk));
  return added === undefined || kept.some((disk) => isOf(disk, added.device)) ? grown : [...grown, added];
}

function sized(disk: Readonly<JsonMap>, sizeGib: number | undefined): JsonMap {
  return sizeGib === undefined ? disk : { ...disk, sizeGib };
}
