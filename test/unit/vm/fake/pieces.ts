import { HypervisorError } from '../../../../src/errors/hypervisor-error.ts';
import type { HypervisorErrorReason } from '../../../../src/errors/hypervisor-error.ts';
import type { HostInterface } from '../../../../src/hypervisor/host.ts';
import type { ListedDomain } from '../../../../src/hypervisor/listing.ts';
import type { DomainState } from '../../../../src/hypervisor/domain-facts.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { readPool, readPoolUuid } from '../../../../src/libvirt-xml/read/storage.ts';

export interface FakePool {
  readonly name: string;
  readonly path: string;
  readonly uuid: string | undefined;
  active: boolean;
  persistent: boolean;
  /** Volumes as of the last look into the directory. */
  known: Set<string>;
}

export interface FakeDomain {
  xml: string;
  state: DomainState;
  autostart: boolean;
}

export interface FakeSnapshots {
  /** By name. */
  readonly documents: Map<string, string>;
  current: string | undefined;
}

/** A bridge with an uplink, and without addresses, unless told otherwise. */
export function hostInterface(
  name: string,
  {
    type = 'bridge',
    content = '',
    ...changes
  }: Partial<HostInterface> & { type?: string; content?: string } = {},
): HostInterface {
  const xml = `<interface type='${type}' name='${name}'>${content}</interface>`;
  return { name, xml, link: 'up', addresses: [], ...changes };
}

export function failure(call: string, reason: HypervisorErrorReason): HypervisorError {
  // What is not found is a domain (42) where nothing else is said.
  const code = reason === 'not-found' ? 42 : 1;
  return new HypervisorError(`${call} failed`, { reason, call, code, domain: 10 });
}

/** @throws HypervisorError where there is none */
export function present<T>(
  value: T | undefined,
  call: string,
  reason: HypervisorErrorReason = 'not-found',
): T {
  if (value === undefined) throw failure(call, reason);
  return value;
}

/** The first bytes of an image of that format and size. */
export function headOf(file = 'raw 0'): Uint8Array {
  const [format, bytes = '0'] = file.split(' ');
  const head = new Uint8Array(64 * 1024);
  if (format === 'raw') {
    head.set([0x55, 0xaa], 510);
  } else if (format === 'qcow2') {
    const view = new DataView(head.buffer);
    head.set([0x51, 0x46, 0x49, 0xfb]);
    view.setUint32(4, 3);
    view.setUint32(20, 16);
    view.setBigUint64(24, BigInt(bytes));
    view.setUint32(96, 4);
    view.setUint32(100, 104);
  }
  return head;
}

/** Of root's, unless the mode has owner and group behind it: `0711 1000 1000`. */
export function permissionsXml(access: string | undefined, ownerId = 0): string {
  if (access === undefined) return '';
  const [mode, owner = ownerId, group = ownerId] = access.split(' ');
  return `<permissions><mode>${mode}</mode><owner>${owner}</owner><group>${group}</group></permissions>`;
}

/** As libvirt sees a path in which a part is `.`. */
export function plain(path: string): string {
  return path.replace('/./', '/');
}

export function listedName(name: string, uuid: string, active: boolean): ListedDomain {
  const unknown = { info: undefined, xml: undefined, autostart: undefined };
  return { ...unknown, name, uuid, active, persistent: undefined, missing: [] };
}

/** One that the document does not say is made from the name. */
export function uuidIn(name: string, xml: string): string {
  return /<uuid>(?<uuid>[^<]+)<\/uuid>/u.exec(xml)?.groups?.['uuid'] ?? `uuid-of-${name}`;
}

export function describePool(xml: string): { name: string; path: string; uuid: string | undefined } {
  const name = parseXml(xml).first('name')?.text() ?? '';
  return { name, path: readPool(xml).path ?? '', uuid: readPoolUuid(xml) };
}
