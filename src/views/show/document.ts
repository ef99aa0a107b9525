import type { ShowDocument } from '../../documents/show-schema.ts';
import type { Difference } from '../../vm/show/differences/differences.ts';
import type { TrafficCounts } from '../../hypervisor/domain-facts.ts';
import type { DiskDetails, InterfaceDetails, VmDetails } from '../../vm/show/show.ts';
import { declaredEntry } from './declared-document.ts';
import { seenEntry } from '../list/document.ts';

type Entry = ShowDocument['vm'];

/** The document of `plow show -o json`. @param uri without a password */
export function showDocument(uri: string, details: VmDetails): ShowDocument {
  const { own } = details;
  return {
    version: 1,
    uri,
    vm: {
      ...identity(details),
      ...status(details),
      ...machine(details),
      disks: details.disks.map(diskEntry),
      interfaces: details.interfaces.map(interfaceEntry),
      other_addresses: details.otherAddresses.map(seenEntry),
      seed: own?.seed === undefined ? null : { path: own.seed.path, exists: own.seed.exists ?? null },
      made_by_plow: own !== undefined,
      plow_version: own?.version ?? null,
      created: own?.created ?? null,
      directory: own?.directory ?? null,
      declared: own === undefined ? null : declaredEntry(own.declared),
      differences: details.differences.map(differenceEntry),
    },
  };
}

function identity({ name, uuid, facts, own }: VmDetails) {
  return {
    name,
    uuid,
    title: facts.title ?? null,
    description: facts.description ?? null,
    tags: [...(own?.declared.tags ?? [])],
  };
}

function status(details: VmDetails) {
  const { active, disks, isLate } = details;
  const wasAsked = active && disks.some(({ source }) => source !== undefined);
  return {
    state: details.incomplete ? ('incomplete' as const) : details.state,
    reason: details.reason ?? null,
    active,
    qemu_answers: wasAsked ? !isLate : null,
    since: details.since ?? null,
    started: details.started ?? null,
    persistent: details.persistent,
    autostart: details.autostart,
    managed_save: details.managedSave ?? null,
    snapshots: details.snapshots ?? null,
    vcpus: details.vcpus,
    maximum_vcpus: details.facts.maximumVcpus,
    memory_kib: details.memoryKib,
    current_memory_kib: active ? details.currentMemoryKib : null,
    cpu_seconds: active ? details.cpuSeconds : null,
  };
}

function machine({ facts }: VmDetails) {
  const { firmware, loader = null, nvram = null } = facts;
  return {
    cpu_mode: facts.cpuMode ?? null,
    virt_type: facts.type,
    machine_type: facts.machineType ?? null,
    firmware: { type: firmware, loader, nvram },
    guest_agent: facts.agent ?? null,
    consoles: facts.consoles.map(({ type, at = null }) => ({ type, at })),
  };
}

function diskEntry(disk: DiskDetails): Entry['disks'][number] {
  const {
    target,
    device,
    bus = null,
    type,
    source = null,
    format = null,
    readOnly,
    exists = null,
    size,
    backing,
  } = disk;
  return {
    target,
    device,
    bus,
    type,
    source,
    exists,
    format,
    read_only: readOnly,
    virtual_bytes: size?.capacityBytes ?? null,
    allocated_bytes: size?.takenBytes ?? null,
    backing: [...backing],
    missing_backing: [...disk.missingBacking],
  };
}

function interfaceEntry(one: InterfaceDetails): Entry['interfaces'][number] {
  const { type, source = null, bridge = null, mac = null, model = null, mtu = null, tap = null } = one;
  const { declared, seen, traffic } = one;
  return {
    type,
    source,
    bridge,
    mac,
    model,
    mtu_bytes: mtu,
    tap,
    link: one.linkUp ? 'up' : 'down',
    addresses: {
      declared: declared.map(({ address, prefixLength = null }) => ({
        address,
        prefix_length: prefixLength,
      })),
      seen: seen.map(seenEntry),
    },
    traffic:
      traffic === undefined ? null : { received: counts(traffic.received), sent: counts(traffic.sent) },
  };
}

function counts({ bytes, packets, errors, drops }: TrafficCounts) {
  return {
    bytes: bytes ?? null,
    packets: packets ?? null,
    errors: errors ?? null,
    drops: drops ?? null,
  };
}

function differenceEntry(one: Difference): Entry['differences'][number] {
  return {
    what: one.what,
    declared: one.declared ?? null,
    stored: one.stored,
    live: one.live ?? null,
    needs_restart: one.needsRestart,
    changed_since_made: one.changed,
  };
}
