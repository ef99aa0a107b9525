import { describe, expect, it } from 'vitest';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import type { DomainPlacement } from '../../../../src/libvirt-xml/domain/write.ts';
import type { Machine } from '../../../../src/config/machine.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import { readOddities } from '../../../../src/libvirt-xml/unknown/oddities.ts';
import { readMacs } from '../../../../src/libvirt-xml/read/macs.ts';
import { readDisks } from '../../../../src/libvirt-xml/read/used-files.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import {
  bootDisk,
  cloudInit,
  dataDisk,
  fullMachine,
  minimalMachine,
  networkInterface,
  routedInterface,
  SECRET,
} from '../../machines.ts';
import { diagnostics } from '../judge.ts';

const DIRECTORY = '/var/lib/libvirt/images/my-vm';

function placement(machine: Machine, changes: Partial<DomainPlacement> = {}): DomainPlacement {
  return {
    arch: 'x86_64',
    virtType: 'kvm',
    backingFormat: 'qcow2',
    metadata: {
      status: 'creating',
      uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
      version: '0.1.0',
      created: '2025-01-02T03:04:05.000Z',
      directory: DIRECTORY,
      stored: toStored(machine),
    },
    ...changes,
  };
}

function documentOf(machine: Machine, changes: Partial<DomainPlacement> = {}): string {
  return domainXml(machine, placement(machine, changes));
}

describe('the domain document', () => {
  it('of a machine with everything is this one', () => {
    const document = documentOf(fullMachine());
    const withoutMetadata = document.replace(/(?<open><plow:vm [^>]*>)[^<]*/u, '$<open>...');
    expect(withoutMetadata).toMatchInlineSnapshot(`
      "<domain type="kvm">
        <name>my-vm</name>
        <uuid>0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f</uuid>
        <metadata>
          <plow:vm xmlns:plow="urn:plow:domain:1" status="creating" uuid="0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f" version="0.1.0" created="2025-01-02T03:04:05.000Z" directory="/var/lib/libvirt/images/my-vm">...</plow:vm>
        </metadata>
        <memory unit="MiB">8192</memory>
        <vcpu placement="static">4</vcpu>
        <os firmware="efi">
          <type arch="x86_64" machine="q35">hvm</type>
          <firmware>
            <feature enabled="no" name="secure-boot"/>
          </firmware>
          <boot dev="hd"/>
        </os>
        <features>
          <acpi/>
          <apic/>
        </features>
        <cpu mode="host-model"/>
        <clock offset="utc"/>
        <on_poweroff>destroy</on_poweroff>
        <on_reboot>restart</on_reboot>
        <on_crash>destroy</on_crash>
        <devices>
          <disk type="file" device="disk">
            <driver name="qemu" type="qcow2" cache="none"/>
            <source file="/var/lib/libvirt/images/my-vm/boot.qcow2"/>
            <target dev="vda" bus="virtio"/>
            <backingStore type="file">
              <format type="qcow2"/>
              <source file="/images/base.qcow2">
                <seclabel model="dac" relabel="no"/>
              </source>
              <backingStore/>
            </backingStore>
          </disk>
          <disk type="file" device="disk">
            <driver name="qemu" type="qcow2" cache="none"/>
            <source file="/var/lib/libvirt/images/my-vm/data-vdb.qcow2"/>
            <target dev="vdb" bus="virtio"/>
          </disk>
          <disk type="file" device="disk">
            <driver name="qemu" type="qcow2" cache="none"/>
            <source file="/var/lib/libvirt/images/my-vm/data-vdc.qcow2"/>
            <target dev="vdc" bus="virtio"/>
          </disk>
          <controller type="scsi" index="0" model="virtio-scsi"/>
          <disk type="file" device="cdrom">
            <driver name="qemu" type="raw"/>
            <source file="/var/lib/libvirt/images/my-vm/cloudinit.iso"/>
            <target dev="sda" bus="scsi"/>
            <readonly/>
          </disk>
          <interface type="bridge">
            <mac address="be:ef:0a:14:1e:28"/>
            <source bridge="br0"/>
            <model type="virtio"/>
          </interface>
          <interface type="bridge">
            <mac address="be:ef:c0:a8:01:32"/>
            <source bridge="br1"/>
            <model type="virtio"/>
          </interface>
          <serial type="pty">
            <log file="/var/lib/libvirt/images/my-vm/console.log" append="on"/>
            <target type="isa-serial" port="0"/>
          </serial>
          <console type="pty">
            <target type="serial" port="0"/>
          </console>
          <channel type="unix">
            <target type="virtio" name="org.qemu.guest_agent.0"/>
          </channel>
          <rng model="virtio">
            <backend model="random">/dev/urandom</backend>
          </rng>
        </devices>
      </domain>"
    `);
  });

  it.each([
    ['UEFI, an overlay, data disks, a seed, two interfaces and KVM', fullMachine(), {}],
    ['the least', minimalMachine(), {}],
    ['BIOS', fullMachine({ firmware: 'bios' }), {}],
    ['emulation', fullMachine(), { virtType: 'qemu' }],
    ["the host's own CPU", fullMachine({ cpuMode: 'host-passthrough' }), {}],
    ['all that QEMU can do', fullMachine({ cpuMode: 'maximum' }), {}],
    ['no cloud-init', fullMachine({ provisioning: undefined }), {}],
    ...(['virtio', 'sata'] as const).map(
      (bus) => [`a seed on ${bus}`, fullMachine({ provisioning: cloudInit({ bus }) }), {}] as const,
    ),
    ['a description of odd characters', fullMachine({ description: 'a <b> & "c"\n\td \u{1f600}' }), {}],
    [
      'a machine type',
      fullMachine({ machineType: 'pc-i440fx-7.2', provisioning: cloudInit({ bus: 'sata' }) }),
      {},
    ],
    ['an MTU', minimalMachine({ interfaces: [networkInterface({ mtu: 9000 })] }), {}],
    [
      'disks that cache and discard',
      fullMachine({
        bootDisk: bootDisk({ cache: 'directsync', discard: 'unmap' }),
        dataDisks: [{ ...dataDisk('vdb', 1), cache: 'unsafe', discard: 'unmap' }],
      }),
      {},
    ],
    ['an overlay on a raw image', fullMachine(), { backingFormat: 'raw' }],
    [
      'a raw boot disk',
      minimalMachine({ bootDisk: bootDisk({ sizeGib: 10, image: '/i/a.img', format: 'raw' }) }),
      { backingFormat: undefined },
    ],
    [
      'an empty boot disk',
      minimalMachine({ bootDisk: bootDisk({ sizeGib: 10, image: undefined, format: 'qcow2' }) }),
      { backingFormat: undefined },
    ],
    [
      'an image whose path has odd characters',
      minimalMachine({
        bootDisk: bootDisk({ image: '/i/a "b" \'c\' <&> \u00e9\u{1f600}' }),
      }),
      {},
    ],
    [
      'all the disks there can be',
      minimalMachine({
        dataDisks: Array.from('bcdefghijklmnopqrstuvwxyz', (letter) => dataDisk(`vd${letter}`, 1)),
        provisioning: cloudInit(),
      }),
      {},
    ],
    [
      'all the interfaces there can be',
      minimalMachine({
        interfaces: Array.from({ length: 28 }, (_, index) =>
          networkInterface({ mac: `be:ef:0a:00:00:${index + 10}` }),
        ),
      }),
      {},
    ],
  ] as const)("with %s passes libvirt's schema", (_, machine, changes) => {
    expect(diagnostics(documentOf(machine, changes), 'domain')).toStrictEqual([]);
  });

  it('is refused by that schema once it is wrong, so that passing it means something', () => {
    const document = documentOf(minimalMachine()).replace('bus="virtio"', 'bus="nosuch"');
    expect(diagnostics(document, 'domain').join('\n')).toMatch(/^exit code [1-9][\s\S]*fails to validate/u);
  });

  it('never holds the password hash', () => {
    expect(documentOf(fullMachine())).not.toContain(SECRET);
  });

  it.each([
    ['vda alone', minimalMachine(), [['vda', 'boot.qcow2']]],
    [
      'data disks by their device, the seed last',
      fullMachine(),
      [
        ['vda', 'boot.qcow2'],
        ['vdb', 'data-vdb.qcow2'],
        ['vdc', 'data-vdc.qcow2'],
        ['sda', 'cloudinit.iso'],
      ],
    ],
    [
      'a raw boot disk under its own name',
      minimalMachine({ bootDisk: bootDisk({ sizeGib: 1, image: '/i', format: 'raw' }) }),
      [['vda', 'boot.raw']],
    ],
  ])('names %s in the directory of the VM', (_, machine, disks) => {
    const read = readDisks(parseXml(documentOf(machine))).map(({ target, path, type }) => [
      target,
      path,
      type,
    ]);
    expect(read).toStrictEqual(disks.map(([target, file]) => [target, `${DIRECTORY}/${file}`, 'file']));
  });

  it('gives the interfaces their addresses in order', () => {
    expect(readMacs(parseXml(documentOf(fullMachine())))).toStrictEqual([
      'be:ef:0a:14:1e:28',
      'be:ef:c0:a8:01:32',
    ]);
  });

  it('plugs a routed interface into nothing: libvirt makes its tap, and nobody a bridge', () => {
    const document = documentOf(minimalMachine({ interfaces: [routedInterface({ mtu: 9000 })] }));
    expect(/<interface [^]*<\/interface>/u.exec(document)?.[0]).toMatchInlineSnapshot(`
      "<interface type="ethernet">
            <mac address="be:ef:0a:37:16:16"/>
            <target dev="vm0a371616"/>
            <model type="virtio"/>
            <mtu size="9000"/>
          </interface>"
    `);
    expect(diagnostics(document, 'domain')).toStrictEqual([]);
  });

  it('boots from the network before it boots from the disk', () => {
    const interfaces = [
      networkInterface({ vlan: 100 }),
      networkInterface({ address: '10.20.30.41', mac: 'be:ef:0a:14:1e:29', bootsFromNetwork: true }),
      routedInterface({ bootsFromNetwork: true }),
    ];
    const document = documentOf(minimalMachine({ interfaces, dataDisks: [dataDisk('vdb', 1)] }));
    expect(document).not.toContain('<boot dev');
    const facts = readDomain(parseXml(document));
    expect(facts.interfaces.map(({ bootOrder, vlan }) => [bootOrder, vlan])).toStrictEqual([
      [undefined, 100],
      [1, undefined],
      [2, undefined],
    ]);
    expect(facts.disks.map(({ bootOrder }) => bootOrder)).toStrictEqual([3, undefined]);
    expect(diagnostics(document, 'domain')).toStrictEqual([]);
    expect(readOddities(parseXml(document))).toStrictEqual([]);
  });

  it.each(['/i/R&amp;D.qcow2', '/i/&lt;&#60;&quot;.qcow2', '/i/a "b" \'c\' <&> \u00e9\u{1f600}'])(
    'names the base image %s as it is',
    (image) => {
      const document = documentOf(
        minimalMachine({ bootDisk: bootDisk({ sizeGib: 1, image, format: 'qcow2' }) }),
      );
      const backing = parseXml(document).first('devices', 'disk', 'backingStore', 'source');
      expect(backing?.attribute('file')).toBe(image);
    },
  );

  it('keeps libvirt from taking the base image over', () => {
    expect(documentOf(minimalMachine())).toMatch(
      /<source file="\/images\/base\.qcow2">\s*<seclabel model="dac" relabel="no"\/>/u,
    );
  });

  it('asks for a firmware without Secure Boot with UEFI, and for none with BIOS', () => {
    expect(documentOf(fullMachine())).toContain('<feature enabled="no" name="secure-boot"/>');
    expect(documentOf(fullMachine({ firmware: 'bios' }))).not.toMatch(/'efi'|"efi"|secure-boot|<firmware/u);
  });
});
