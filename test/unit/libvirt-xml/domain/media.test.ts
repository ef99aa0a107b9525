import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { readOddities } from '../../../../src/libvirt-xml/unknown/oddities.ts';
import { cloudInit, declaredOf, minimalMachine, networkInterface } from '../../machines.ts';
import { diagnostics } from '../judge.ts';

function documentOf(machine: Machine, arch: 'x86_64' | 'aarch64' = 'x86_64'): string {
  const metadata = {
    status: 'ready',
    uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
    version: '0.1.0',
    created: '2025-01-02T03:04:05.000Z',
    directory: '/images/my-vm',
    stored: toStored(machine),
  } as const;
  return domainXml(machine, { arch, virtType: 'qemu', backingFormat: 'qcow2', metadata });
}

/** Judged by libvirt's schema, and by plow's own list of what is odd. */
function judged(machine: Machine): string {
  const document = documentOf(machine);
  expect(diagnostics(document, 'domain')).toStrictEqual([]);
  expect(readOddities(parseXml(document))).toStrictEqual([]);
  return document;
}

const ISO = { image: '/iso/a & b.iso', bus: undefined };

it('is a drive with an ISO that keeps its owner, and that a VM outlives', () => {
  const document = judged(minimalMachine({ cdrom: ISO }));
  expect(/<disk type="file" device="cdrom">[^]*?<\/disk>/u.exec(document)?.[0]).toMatchInlineSnapshot(`
    "<disk type="file" device="cdrom">
          <driver name="qemu" type="raw"/>
          <source file="/iso/a &amp; b.iso" startupPolicy="optional">
            <seclabel model="dac" relabel="no"/>
          </source>
          <target dev="sdb" bus="sata"/>
          <boot order="2"/>
          <readonly/>
        </disk>"
  `);
  expect(document).not.toContain('<boot dev');
});

it('is empty where nothing is in it', () => {
  const document = judged(minimalMachine({ cdrom: { image: undefined, bus: 'scsi' } }));
  expect(readDomain(parseXml(document)).disks).toMatchObject([
    {},
    { target: 'sdb', bus: 'scsi', source: undefined },
  ]);
});

it.each(['scsi', 'sata', 'virtio'] as const)('has a place beside a seed on %s, and one controller', (bus) => {
  for (const own of ['sata', 'scsi'] as const) {
    const machine = minimalMachine({ provisioning: cloudInit({ bus }), cdrom: { ...ISO, bus: own } });
    const document = judged(machine);
    const { disks } = readDomain(parseXml(document));
    expect(new Set(disks.map(({ target }) => target)).size).toBe(3);
    expect(document.split('model="virtio-scsi"')).toHaveLength(bus === 'scsi' || own === 'scsi' ? 2 : 1);
  }
});

it('is on virtio-scsi on aarch64, whose installers see that', () => {
  expect(documentOf(minimalMachine({ cdrom: ISO, machineType: 'virt' }), 'aarch64')).toContain(
    'dev="sdb" bus="scsi"',
  );
});

describe('the boot order', () => {
  const drive = { cdrom: ISO };
  const two = {
    interfaces: [
      networkInterface(),
      networkInterface({ address: '10.20.30.41', mac: 'be:ef:0a:14:1e:29', bootsFromNetwork: true }),
    ],
  };

  it.each<[string, Partial<Machine>, Record<string, number>]>([
    ['the disk alone', {}, {}],
    ['the disk alone, though there is a drive', { ...drive, boot: ['disk'] }, {}],
    ['a drive behind the disk', drive, { vda: 1, sdb: 2 }],
    ['a list', { ...drive, boot: ['cdrom', 'disk', 'network'] }, { sdb: 1, vda: 2, net0: 3 }],
    ['the network alone', { boot: ['network'] }, { net0: 1 }],
    ['an interface that says so, then disk and drive', { ...drive, ...two }, { net1: 1, vda: 2, sdb: 3 }],
    ['a list that names it last', { ...two, boot: ['disk', 'network:1'] }, { vda: 1, net1: 2 }],
  ])('is %s', (_, changes, expected) => {
    const machine = minimalMachine(changes);
    const document = judged(machine);
    const { disks, interfaces, bootKinds } = readDomain(parseXml(document));
    const orders = [
      ...disks.map(({ target, bootOrder }) => [target, bootOrder] as const),
      ...interfaces.map(({ bootOrder }, index) => [`net${index}`, bootOrder] as const),
    ].filter(([, order]) => order !== undefined);
    expect(Object.fromEntries(orders)).toStrictEqual(expected);
    expect(bootKinds).toStrictEqual(orders.length === 0 ? ['hd'] : []);
  });
});

it('is in the metadata, as it was asked for', () => {
  const machine = minimalMachine({ cdrom: { ...ISO, bus: 'sata' }, boot: ['cdrom', 'disk'] });
  expect(declaredOf(machine)).toMatchObject({
    cdrom: { image: ISO.image, bus: 'sata' },
    boot: ['cdrom', 'disk'],
  });
});
