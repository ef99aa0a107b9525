import type { KnownImage } from '../../config/machine.ts';
import type { PlowError } from '../../errors/plow-error.ts';
import { failureEntry } from '../failure/document.ts';
import type { ShownVm } from './columns.ts';
import type { ListDocument } from '../../documents/list-schema.ts';
import { seenEntry } from '../../vm/show/fields/address.ts';
import type { VmRow } from '../../vm/list/list.ts';

/** The document of `plow list -o json`. @param uri without a password */
export function listDocument(uri: string, rows: readonly ShownVm[]): ListDocument {
  return { uri, vms: rows.map(vmEntry) };
}

/** A host that was asked. */
export interface AskedHost {
  readonly name: string;
  /** Without a password. */
  readonly uri: string;
  readonly error: PlowError | undefined;
}

/** As listDocument, of several hosts. */
export function hostsListDocument(hosts: readonly AskedHost[], rows: readonly ShownVm[]): ListDocument {
  const asked = hosts.map(({ name, uri, error }) => ({
    name,
    uri,
    error: error === undefined ? null : failureEntry(error),
  }));
  return { uri: null, hosts: asked, vms: rows.map(vmEntry) };
}

type Entry = ListDocument['vms'][number];

function vmEntry(row: ShownVm): Entry {
  const { name, uuid, state, active, vcpus, memoryKib, own } = row;
  return {
    name,
    ...(row.host === undefined ? {} : { host: row.host }),
    uuid,
    state,
    active,
    persistent: row.persistent ?? null,
    autostart: row.autostart ?? null,
    protected: row.isProtected ?? null,
    expires: row.end.expires ?? null,
    undo_until: row.end.undo?.until ?? null,
    vcpus,
    memory_kib: memoryKib,
    current_memory_kib: active ? row.currentMemoryKib : null,
    cpu_seconds: active ? row.cpuSeconds : null,
    addresses: addresses(row),
    interfaces: row.interfaces.map(interfaceEntry),
    disks: row.disks.map(diskEntry),
    image: row.image ?? null,
    known_image: knownImageEntry(own?.declared.image),
    missing_files: [...row.missing],
    made_by_plow: own !== undefined,
    plow_version: own?.version ?? null,
    created: own?.created ?? null,
    directory: own?.directory ?? null,
    description: row.description ?? null,
    tags: [...(own?.declared.tags ?? [])],
  };
}

function knownImageEntry(image: KnownImage | undefined): Entry['known_image'] {
  if (image === undefined) return null;
  const { name, version, digest = null, path } = image;
  return { name, version, digest, path };
}

function addresses({ declared, seen }: VmRow): Entry['addresses'] {
  return {
    declared: declared.map(({ address, prefixLength, mac }) => ({
      address,
      prefix_length: prefixLength ?? null,
      mac,
    })),
    seen: seen.map(seenEntry),
  };
}

function interfaceEntry(one: VmRow['interfaces'][number]): Entry['interfaces'][number] {
  const {
    type,
    source = null,
    bridge = null,
    vlan = null,
    mac = null,
    model = null,
    mtu = null,
    tap = null,
  } = one;
  return { type, source, bridge, vlan, mac, model, mtu_bytes: mtu, tap, boot_order: one.bootOrder ?? null };
}

function diskEntry(disk: VmRow['disks'][number]): Entry['disks'][number] {
  const { target, device, bus = null, source = null, format = null, backing } = disk;
  return { target, device, bus, source, format, backing: [...backing] };
}
