import { describe, expect, it } from 'vitest';
import { parseXml } from '../../../../../src/libvirt-xml/read/parse.ts';
import { domainXml } from '../../../../../src/libvirt-xml/domain/write.ts';
import { readDomain } from '../../../../../src/libvirt-xml/domain/read.ts';
import type { DomainFacts } from '../../../../../src/libvirt-xml/domain/read.ts';
import { toStored } from '../../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { differences } from '../../../../../src/vm/show/differences/differences.ts';
import type { Views } from '../../../../../src/vm/show/differences/views.ts';
import { declaredOf, fullMachine } from '../../../machines.ts';

const DIRECTORY = '/images/my-vm';
const machine = { ...fullMachine(), description: 'web' };
const metadata = {
  status: 'ready',
  uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
  version: '0.1.0',
  created: '2026-11-21T09:00:00.000Z',
  directory: DIRECTORY,
  stored: toStored(machine),
} as const;

/** As plow defines it, and as libvirt 9.0 then keeps it. */
const STORED: DomainFacts = {
  ...readDomain(
    parseXml(domainXml(machine, { arch: 'x86_64', virtType: 'kvm', backingFormat: 'qcow2', metadata })),
  ),
  machineType: 'pc-q35-7.2',
};
/** What libvirt makes of it when it runs: a CPU written out, files of firmware, taps, consoles. */
const LIVE: DomainFacts = {
  ...STORED,
  cpuMode: 'custom',
  loader: '/usr/share/OVMF/OVMF_CODE_4M.fd',
  nvram: '/var/lib/libvirt/qemu/nvram/my-vm_VARS.fd',
  interfaces: STORED.interfaces.map((one, index) => ({ ...one, tap: `vnet${index}` })),
  agent: 'disconnected',
  consoles: [{ type: 'serial', at: '/dev/pts/3', log: undefined }],
};

const UNCHANGED: Views = {
  own: { declared: declaredOf(machine), directory: DIRECTORY },
  stored: STORED,
  live: LIVE,
  autostart: true,
  capacities: new Map([[`${DIRECTORY}/boot.qcow2`, 50 * 2 ** 30]]),
};

function compare(changes: Partial<Views>): readonly object[] {
  return differences({ ...UNCHANGED, ...changes });
}

function difference(what: string, values: object): object {
  return { what, live: undefined, needsRestart: false, changed: false, ...values };
}

const PENDING = { needsRestart: true };
const CHANGED = { changed: true };

describe('the differences of a VM', () => {
  it.each([
    ['that runs as it was made', {}],
    ['that is off as it was made', { live: undefined }],
    ['of somebody else', { own: undefined }],
    ['with a CPU mode of neither', { own: undefined, stored: { ...STORED, cpuMode: undefined } }],
    [
      'whose memory libvirt rounds up when it starts',
      {
        own: undefined,
        stored: { ...STORED, memoryKib: 65_537, currentMemoryKib: 65_537 },
        live: { ...LIVE, memoryKib: 66_560, currentMemoryKib: 66_560 },
      },
    ],
    [
      'on a network that is written as the bridge behind it once it runs',
      {
        own: undefined,
        stored: { ...STORED, interfaces: [{ ...plug('52:54:00:00:00:01', 'lan'), type: 'network' }] },
        live: {
          ...LIVE,
          interfaces: [{ ...plug('52:54:00:00:00:01', 'lan'), bridge: 'br7', tap: 'vnet0', mtu: 1450 }],
        },
      },
    ],
    ['whose old metadata says little', { own: { declared: bare(), directory: DIRECTORY } }],
  ])('%s are none', (_, changes) => {
    expect(compare(changes)).toStrictEqual([]);
  });

  it.each<readonly [string, Partial<Views>, object]>([
    [
      'vcpus',
      { stored: { ...STORED, vcpus: 8 } },
      { declared: 4, stored: 8, live: 4, ...PENDING, ...CHANGED },
    ],
    ['vcpus', { live: { ...LIVE, vcpus: 2 } }, { declared: 4, stored: 4, live: 2, ...PENDING }],
    [
      'vcpus',
      { stored: { ...STORED, vcpus: 8 }, live: { ...LIVE, vcpus: 8 } },
      { declared: 4, stored: 8, live: 8, ...CHANGED },
    ],
    ['vcpus', { stored: { ...STORED, vcpus: 8 }, live: undefined }, { declared: 4, stored: 8, ...CHANGED }],
    [
      'vcpus',
      { own: undefined, stored: { ...STORED, vcpus: 8 } },
      { declared: undefined, stored: 8, live: 4, ...PENDING },
    ],
    [
      'name',
      { stored: { ...STORED, name: 'neu' }, live: undefined },
      { declared: 'my-vm', stored: 'neu', ...CHANGED },
    ],
    [
      'maximum_vcpus',
      { stored: { ...STORED, maximumVcpus: 8 } },
      { declared: 4, stored: 8, live: 4, ...PENDING, ...CHANGED },
    ],
    [
      'maximum_vcpus',
      { own: undefined, live: { ...LIVE, maximumVcpus: 8 } },
      { declared: undefined, stored: 4, live: 8, ...PENDING },
    ],
    [
      'vcpus',
      { stored: { ...STORED, vcpus: 8, maximumVcpus: 8 } },
      { declared: 4, stored: 8, live: 4, ...PENDING, ...CHANGED },
    ],
    [
      'current_memory_kib',
      { stored: { ...STORED, currentMemoryKib: 2 ** 20 } },
      { declared: 2 ** 23, stored: 2 ** 20, live: 2 ** 23, ...PENDING, ...CHANGED },
    ],
    [
      'memory_kib',
      { stored: { ...STORED, memoryKib: 2 ** 24, currentMemoryKib: 2 ** 24 }, live: undefined },
      { declared: 2 ** 23, stored: 2 ** 24, ...CHANGED },
    ],
    [
      'cpu_mode',
      { stored: { ...STORED, cpuMode: 'host-passthrough' } },
      { declared: 'host-model', stored: 'host-passthrough', live: 'custom', ...PENDING, ...CHANGED },
    ],
    [
      'cpu_mode',
      { live: { ...LIVE, cpuMode: 'host-passthrough' } },
      { declared: 'host-model', stored: 'host-model', live: 'host-passthrough', ...PENDING },
    ],
    [
      'cpu_mode',
      { stored: { ...STORED, cpuMode: 'maximum' } },
      { declared: 'host-model', stored: 'maximum', live: 'custom', ...PENDING, ...CHANGED },
    ],
    [
      'cpu_mode',
      { stored: { ...STORED, cpuMode: 'custom' } },
      { declared: 'host-model', stored: 'custom', live: 'custom', ...CHANGED },
    ],
    [
      'firmware',
      { stored: { ...STORED, firmware: 'bios' } },
      { declared: 'uefi', stored: 'bios', live: 'uefi', ...PENDING, ...CHANGED },
    ],
    [
      'machine_type',
      { stored: { ...STORED, machineType: 'pc-i440fx-7.2' }, live: undefined },
      { declared: 'q35', stored: 'pc-i440fx-7.2', ...CHANGED },
    ],
    ['autostart', { autostart: false }, { declared: true, stored: false, ...CHANGED }],
    [
      'description',
      { stored: { ...STORED, description: undefined } },
      { declared: 'web', stored: null, live: 'web', ...PENDING, ...CHANGED },
    ],
    [
      'disk vdb',
      { stored: without('vdb') },
      {
        declared: `${DIRECTORY}/data-vdb.qcow2`,
        stored: null,
        live: `${DIRECTORY}/data-vdb.qcow2`,
        ...PENDING,
        ...CHANGED,
      },
    ],
    [
      'disk vda',
      { stored: moved(STORED), live: moved(LIVE) },
      {
        declared: `${DIRECTORY}/boot.qcow2`,
        stored: `${DIRECTORY}/boot.snap`,
        live: `${DIRECTORY}/boot.snap`,
        ...CHANGED,
      },
    ],
    [
      'disk sda',
      { stored: ejected(STORED), live: undefined },
      { declared: `${DIRECTORY}/cloudinit.iso`, stored: 'empty', ...CHANGED },
    ],
    [
      'disk vda size_bytes',
      { capacities: new Map([[`${DIRECTORY}/boot.qcow2`, 2 ** 40]]) },
      { declared: 50 * 2 ** 30, stored: 2 ** 40, ...CHANGED },
    ],
    [
      'disk vdb cache',
      { stored: tuned(STORED, { cache: 'writeback' }) },
      { declared: 'none', stored: 'writeback', live: 'none', ...PENDING, ...CHANGED },
    ],
    [
      'disk vdb discard',
      { stored: tuned(STORED, { discard: 'unmap' }), live: tuned(LIVE, { discard: 'unmap' }) },
      { declared: 'ignore', stored: 'unmap', live: 'unmap', ...CHANGED },
    ],
    [
      'disk vdb format',
      { own: undefined, stored: tuned(STORED, { format: 'raw' }) },
      { declared: undefined, stored: 'raw', live: 'qcow2', ...PENDING },
    ],
    [
      'interface be:ef:0a:14:1e:28 model',
      { stored: replugged(STORED, { model: 'e1000e' }), live: undefined },
      { declared: 'virtio', stored: 'e1000e', ...CHANGED },
    ],
    [
      'interface be:ef:0a:14:1e:28 mtu_bytes',
      { stored: replugged(STORED, { mtu: 1400 }) },
      { declared: null, stored: 1400, live: null, ...PENDING, ...CHANGED },
    ],
    [
      'interface be:ef:0a:14:1e:28',
      { stored: replugged(STORED, { source: 'br9' }) },
      { declared: 'br0', stored: 'br9', live: 'br0', ...PENDING, ...CHANGED },
    ],
    [
      'interface be:ef:0a:14:1e:28',
      { live: replugged(LIVE, { linkUp: false }) },
      { declared: 'br0', stored: 'br0', live: 'br0 (link down)', ...PENDING },
    ],
    [
      'interface 52:54:00:00:00:09',
      { live: { ...LIVE, interfaces: [...LIVE.interfaces, plug('52:54:00:00:00:09', 'br1')] } },
      { declared: null, stored: null, live: 'br1', ...PENDING },
    ],
  ])('tell of %s: %#', (what, changes, values) => {
    expect(compare(changes)).toStrictEqual([difference(what, values)]);
  });

  it('tell of another MAC address as of one interface that went and one that came', () => {
    const stored = replugged(STORED, { mac: '52:54:00:00:00:07' });
    expect(compare({ stored, live: undefined })).toStrictEqual([
      difference('interface be:ef:0a:14:1e:28', { declared: 'br0', stored: null, ...CHANGED }),
      difference('interface 52:54:00:00:00:07', { declared: null, stored: 'br0', ...CHANGED }),
    ]);
  });
});

function bare() {
  return {
    ...declaredOf(machine),
    vcpus: undefined,
    memoryKib: undefined,
    cpuMode: undefined,
    autostart: undefined,
    firmware: undefined,
    machineType: undefined,
  };
}

function plug(mac: string, source: string): DomainFacts['interfaces'][number] {
  return {
    type: 'bridge',
    source,
    bridge: source,
    mac,
    model: 'virtio',
    mtu: undefined,
    vlan: undefined,
    bootOrder: undefined,
    tap: undefined,
    linkUp: true,
  };
}

function without(target: string): DomainFacts {
  return { ...STORED, disks: STORED.disks.filter((disk) => disk.target !== target) };
}

function tuned(facts: DomainFacts, changes: object): DomainFacts {
  const disks = facts.disks.map((disk) => (disk.target === 'vdb' ? { ...disk, ...changes } : disk));
  return { ...facts, disks };
}

/** As a snapshot leaves it. */
function moved(facts: DomainFacts): DomainFacts {
  const disks = facts.disks.map((disk) =>
    disk.target === 'vda' ? { ...disk, source: `${DIRECTORY}/boot.snap` } : disk,
  );
  return { ...facts, disks };
}

function ejected(facts: DomainFacts): DomainFacts {
  const disks = facts.disks.map((disk) => (disk.target === 'sda' ? { ...disk, source: undefined } : disk));
  return { ...facts, disks };
}

function replugged(facts: DomainFacts, changes: object): DomainFacts {
  const interfaces = facts.interfaces.map((one, index) => (index === 0 ? { ...one, ...changes } : one));
  return { ...facts, interfaces };
}
