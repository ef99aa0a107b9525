import { describe, expect, it } from 'vitest';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { fullMachine } from '../../machines.ts';

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';

function ownDomain(): string {
  const machine = fullMachine();
  const created = {
    status: 'ready',
    uuid: UUID,
    version: '0.1.0',
    created: '',
    directory: '/images/vm',
  } as const;
  const metadata = { ...created, stored: toStored(machine) };
  return domainXml(machine, { arch: 'x86_64', virtType: 'kvm', backingFormat: 'qcow2', metadata });
}

describe('the facts of a domain', () => {
  it("of plow's own document are those of the machine", () => {
    const machine = fullMachine();
    const facts = readDomain(parseXml(ownDomain()));
    expect(facts).toMatchObject({
      name: machine.name,
      uuid: UUID,
      type: 'kvm',
      vcpus: machine.vcpus,
      memoryKib: machine.memoryMib * 1024,
      currentMemoryKib: machine.memoryMib * 1024,
      cpuMode: machine.cpuMode,
      firmware: machine.firmware,
      machineType: machine.machineType,
      agent: 'unknown',
    });
    expect(facts.disks[0]).toMatchObject({ target: 'vda', bus: 'virtio', backing: [machine.bootDisk.image] });
    expect(facts.interfaces.map(({ mac, bridge }) => ({ mac, bridge }))).toStrictEqual(
      machine.interfaces.map((one) => ({
        mac: one.mac,
        bridge: one.mode === 'bridge' ? one.bridge : undefined,
      })),
    );
  });

  it('of a running one have its taps, its agent and where its consoles are', () => {
    const facts = readDomain(
      parseXml(`<domain type='kvm' id='3'><name>x</name><uuid>u</uuid>
      <memory unit='KiB'>2097152</memory><currentMemory unit='KiB'>1048576</currentMemory>
      <vcpu placement='static' current='2'>8</vcpu>
      <os><type machine='pc-q35-7.2'>hvm</type><loader readonly='yes' type='pflash'>/OVMF_CODE.fd</loader>
        <nvram>/nvram/x.fd</nvram></os>
      <devices>
        <disk type='file' device='disk'><driver type='qcow2' cache='none'/><source file='/a' index='1'/>
          <backingStore type='file'><format type='qcow2'/><source file='/b'/>
            <backingStore type='file'><format type='raw'/><source file='/c'/><backingStore/></backingStore>
          </backingStore><target dev='vda' bus='virtio'/></disk>
        <disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vdb'/></disk>
        <disk type='network' device='disk'><source protocol='rbd' name='pool/image'/><target dev='vdc'/></disk>
        <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
        <interface type='network'><mac address='52:54:00:AA:BB:CC'/>
          <source network='default' bridge='virbr0'/><target dev='vnet3'/><mtu size='9000'/><link state='down'/></interface>
        <serial type='pty'><source path='/dev/pts/4'/></serial>
        <graphics type='vnc' port='5901' listen='0.0.0.0'/><graphics type='spice' port='-1'/>
        <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>
      </devices></domain>`),
    );
    expect(facts).toMatchObject({
      vcpus: 2,
      memoryKib: 2_097_152,
      currentMemoryKib: 1_048_576,
      firmware: 'uefi',
      loader: '/OVMF_CODE.fd',
      nvram: '/nvram/x.fd',
      agent: 'connected',
      consoles: [
        { type: 'serial', at: '/dev/pts/4' },
        { type: 'vnc', at: '0.0.0.0:5901' },
        { type: 'spice', at: undefined },
      ],
    });
    expect(facts.disks.map(({ source, backing }) => [source, ...backing])).toStrictEqual([
      ['/a', '/b', '/c'],
      ['p/v'],
      ['pool/image'],
      [undefined],
    ]);
    expect(facts.interfaces).toStrictEqual([
      {
        type: 'network',
        source: 'default',
        bridge: 'virbr0',
        mac: '52:54:00:aa:bb:cc',
        model: undefined,
        mtu: 9000,
        vlan: undefined,
        bootOrder: undefined,
        tap: 'vnet3',
        linkUp: false,
      },
    ]);
  });

  it.each([
    ['1 GiB', "<memory unit='GiB'>1</memory>", 1_048_576],
    ['1000000 bytes', "<memory unit='b'>1048576</memory>", 1024],
    ['KiB without a unit', '<memory>4096</memory>', 4096],
  ])('reads memory of %s', (_, memory, kib) => {
    expect(readDomain(parseXml(`<domain>${memory}</domain>`))).toMatchObject({
      memoryKib: kib,
      currentMemoryKib: kib,
    });
  });
});
