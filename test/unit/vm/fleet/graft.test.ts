import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import type { Layout } from '../../../../src/config/machine/layout.ts';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { grafted } from '../../../../src/libvirt-xml/graft/graft.ts';
import { newMetadata } from '../../../../src/libvirt-xml/metadata/metadata.ts';
import { metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';
import { recordedMetadata } from '../../../../src/libvirt-xml/metadata/record.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { machineChanges, settledIn, wantedOf } from '../../../../src/vm/fleet/machine-changes.ts';
import type { OwnViews } from '../../../../src/vm/fleet/machine-changes.ts';
import { bootDisk, dataDisk, minimalMachine, networkInterface, routedInterface } from '../../machines.ts';

const DIRECTORY = '/images/my-vm';
const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';

const LAYOUT: Layout = {
  vcpusMax: undefined,
  memoryMaxMib: undefined,
  cpuModel: undefined,
  topology: undefined,
  pins: [],
  emulatorCpus: undefined,
  cells: [],
  hugepages: undefined,
};

function documentOf(machine: Machine): string {
  const head = {
    status: 'ready',
    uuid: UUID,
    version: '1',
    createdAt: new Date(0),
    directory: DIRECTORY,
  } as const;
  const metadata = newMetadata(machine, head);
  return domainXml(machine, {
    arch: 'x86_64',
    virtType: machine.virtType ?? 'kvm',
    backingFormat: 'qcow2',
    metadata,
  });
}

/** As libvirt has it stored, with what somebody else added. */
function storedOf(machine: Machine): string {
  return documentOf(machine)
    .replace('</metadata>', "<other:mine xmlns:other='urn:other'>&lt;a&gt;</other:mine></metadata>")
    .replace('<devices>', "<cputune><shares>2048</shares></cputune><devices><sound model='ich9'/>")
    .replace('</cpu>', "<feature policy='require' name='vmx'/></cpu>")
    .replace(/<cpu (?<mode>[^>]*)\/>/u, "<cpu $<mode>><feature policy='require' name='vmx'/></cpu>")
    .replaceAll('</interface>', "<address type='pci' bus='0x07'/><bandwidth/></interface>")
    .replaceAll('</disk>', '<serial>a&amp;b</serial></disk>');
}

function viewsOf(xml: string): OwnViews {
  const document = parseXml(xml);
  const metadata = metadataInDomain(document);
  if (metadata === undefined) throw new Error('plow made it');
  const { declared, directory } = metadata;
  const own = { declared, directory };
  return { own, stored: readDomain(document), live: undefined, autostart: false, capacities: new Map() };
}

function changed(xml: string, machine: Machine): readonly string[] {
  const views = viewsOf(xml);
  return machineChanges(wantedOf(machine, views.own.declared), views).map(({ what }) => what);
}

/** As apply stores it: the document, then plow's record. */
function applied(xml: string, machine: Machine): string {
  const whats = changed(xml, machine);
  const document = grafted(xml, documentOf(machine), whats);
  const settled = settledIn(wantedOf(machine, viewsOf(document).own.declared), viewsOf(document));
  const element = recordedMetadata(parseXml(document), toStored(machine), [...whats, ...settled]);
  const inside = element
    ?.replace('<vm', '<plow:vm xmlns:plow="urn:plow:domain:1"')
    .replace('</vm>', '</plow:vm>');
  return document.replace(/<plow:vm [^]*<\/plow:vm>/u, (before) => inside ?? before);
}

const NIC = networkInterface();
const SECOND = networkInterface({ address: '10.9.0.2', mac: 'be:ef:0a:09:00:02' });

const USUAL = minimalMachine({
  vcpus: 2,
  virtType: 'kvm',
  dataDisks: [dataDisk('vdb', 10), dataDisk('vdc', 20)],
  interfaces: [NIC, SECOND],
});

const CHANGES: readonly (readonly [string, Partial<Machine>, readonly string[]])[] = [
  ['CPUs', { vcpus: 4 }, ['vcpus']],
  ['memory', { memoryMib: 2048 }, ['memory_kib']],
  ['room for CPUs', { layout: { ...LAYOUT, vcpusMax: 8 } }, ['maximum_vcpus']],
  ['room for memory', { layout: { ...LAYOUT, memoryMaxMib: 4096 } }, ['memory_kib']],
  ['a CPU mode', { cpuMode: 'host-passthrough' }, ['cpu_mode']],
  ['a model', { cpuMode: 'custom', layout: { ...LAYOUT, cpuModel: 'Haswell' } }, ['cpu_mode', 'cpu_model']],
  [
    'a topology',
    { layout: { ...LAYOUT, topology: { sockets: 1, dies: 1, cores: 2, threads: 1 } } },
    ['cpu_topology'],
  ],
  [
    'pins',
    { layout: { ...LAYOUT, pins: [{ vcpu: 0, cpus: [1] }], emulatorCpus: [0] } },
    ['cpu_pins', 'emulator_cpus'],
  ],
  [
    'nodes',
    {
      layout: {
        ...LAYOUT,
        cells: [
          { cpus: [0], memoryMib: 512, hostNode: 0 },
          { cpus: [1], memoryMib: 512, hostNode: undefined },
        ],
      },
    },
    ['numa'],
  ],
  ['huge pages', { layout: { ...LAYOUT, hugepages: '2MiB' } }, ['hugepages']],
  ['what a crash does', { onCrash: 'restart' }, ['on_crash']],
  ['emulation', { virtType: 'qemu' }, ['virt_type']],
  ['a machine type', { machineType: 'pc' }, ['machine_type']],
  ['a description', { description: 'a <b> & c' }, ['description']],
  ['threads', { ioThreads: 2 }, ['iothreads']],
  ['a TPM', { hasTpm: true }, ['tpm']],
  ['a watchdog', { watchdog: { model: 'i6300esb', action: 'reset' } }, ['watchdog']],
  ['a file of fw_cfg', { fwCfg: [{ name: 'opt/org.example/a', file: '/a' }] }, ['fw_cfg']],
  ['a share', { shares: [{ source: '/srv/a', tag: 'a', isReadOnly: true }] }, ['shares']],
  [
    'a screen',
    { vnc: { listen: '127.0.0.1', port: 5901, login: { by: 'password', password: 'a' }, video: 'virtio' } },
    ['vnc'],
  ],
  ['a boot list', { boot: ['network', 'disk'] }, ['boot']],
  ['a drive', { cdrom: { image: '/isos/a.iso', bus: undefined } }, ['disk sdb']],
  ['a cache', { bootDisk: bootDisk({ cache: 'writeback' }) }, ['disk vda cache']],
  [
    'limits, and holes',
    {
      dataDisks: [
        { ...dataDisk('vdb', 10), ioLimits: { totalIops: 9 }, discard: 'unmap' },
        dataDisk('vdc', 20),
      ],
    },
    ['disk vdb discard', 'disk vdb io_limits'],
  ],
  [
    'another bridge, and a VLAN',
    { interfaces: [{ ...NIC, bridge: 'br1', vlan: 7, mtu: 1400 }, SECOND] },
    [`interface ${NIC.mac}`, `interface ${NIC.mac} vlan`, `interface ${NIC.mac} mtu_bytes`],
  ],
  ['one interface less', { interfaces: [NIC] }, [`interface ${SECOND.mac}`]],
  ['one interface more', { interfaces: [NIC, SECOND, routedInterface()] }, ['interface be:ef:0a:37:16:16']],
  ['tags', { tags: ['a'] }, ['tags']],
  [
    'another address',
    { interfaces: [{ ...NIC, gateway: '10.20.30.2' }, SECOND] },
    [`interface ${NIC.mac} address`],
  ],
];

describe('a document that becomes as its file says', () => {
  it.each(CHANGES)('gets %s, and loses it again', (_, some, whats) => {
    const before = storedOf(USUAL);
    const machine = { ...USUAL, ...some };
    expect(changed(before, machine).toSorted()).toStrictEqual(whats.toSorted());
    const there = applied(before, machine);
    expect(changed(there, machine)).toStrictEqual([]);
    expect(viewsOf(there).own.declared).toStrictEqual(viewsOf(documentOf(machine)).own.declared);
    const back = applied(there, USUAL);
    expect(changed(back, USUAL)).toStrictEqual([]);
    expect(viewsOf(back).own.declared).toStrictEqual(viewsOf(before).own.declared);
    for (const kept of [
      '&lt;a&gt;</other:mine>',
      '<shares>2048</shares>',
      "model='ich9'",
      'vmx',
      '<serial>a&amp;b',
    ])
      expect(there + back).toContain(kept);
    for (const document of [there, back])
      expect(document.split("bus='0x07'").length + document.split('bus="0x07"').length).toBeGreaterThan(2);
  });

  it('has no character changed where nothing is to be', () => {
    const before = storedOf(USUAL);
    expect(grafted(before, documentOf({ ...USUAL, vcpus: 4 }), [])).toBe(before);
    expect(grafted(before, documentOf(USUAL), ['tags'])).toBe(before);
  });
});
