import { describe, expect, it } from 'vitest';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { readLacks, readOddities } from '../../../../src/libvirt-xml/unknown/oddities.ts';
import { ARM_DOMAIN } from '../arm-documents.ts';

const USUAL = `<name>a</name><memory>1</memory><vcpu placement='static'>1</vcpu>
  <os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <firmware><feature enabled='no' name='secure-boot'/></firmware>
    <loader readonly='yes' type='pflash'>/x</loader><nvram template='/y'>/z</nvram><boot dev='hd'/></os>
  <features><acpi/><apic/><vmport state='off'/></features>
  <cpu mode='host-model' check='partial'/><clock offset='utc'/>
  <resource><partition>/machine</partition></resource>
  <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>`;

const DEVICES = `<emulator>/usr/bin/qemu</emulator>
  <controller type='usb' index='0' model='qemu-xhci'><address type='pci'/></controller>
  <controller type='pci' index='1' model='pcie-root-port'><model name='x'/><target chassis='1'/></controller>
  <controller type='scsi' index='0' model='virtio-scsi'/>
  <serial type='pty'><target type='isa-serial' port='0'><model name='isa-serial'/></target></serial>
  <console type='pty'><target type='serial' port='0'/></console>
  <channel type='unix'><source mode='bind'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
  <input type='mouse' bus='ps2'/><audio id='1' type='none'/><watchdog model='itco' action='reset'><alias name='w'/></watchdog><memballoon model='virtio'><alias name='b'/></memballoon>
  <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>`;

function oddities(top = '', devices = ''): readonly string[] {
  return readOddities(
    parseXml(`<domain type='kvm'>${USUAL}${top}<devices>${DEVICES}${devices}</devices></domain>`),
  );
}

describe('what plow would not write', () => {
  it('is nothing of what it writes, or libvirt adds by itself', () => {
    expect(oddities()).toStrictEqual([]);
  });

  it('is nothing of a domain of aarch64 either', () => {
    expect(readOddities(parseXml(ARM_DOMAIN))).toStrictEqual([]);
  });

  it.each([
    ["arch='aarch64'", "arch='riscv64'"],
    ["<gic version='2'/>", "<gic version='4'/>"],
    ["<model name='pl011'/>", "<model name='sclp'/>"],
  ])('is named where %s is %s', (from, to) => {
    expect(readOddities(parseXml(ARM_DOMAIN.replace(from, to)))).toHaveLength(1);
  });

  it.each([
    ['<title>T</title>', 'title (T)'],
    [
      '<metadata><x:os xmlns:x="http://libosinfo.org"><x:a/></x:os></metadata>',
      'metadata os (http://libosinfo.org)',
    ],
    ['<memoryBacking><locked/></memoryBacking>', 'memoryBacking locked'],
    ["<numatune><memory mode='strict' nodeset='0'/></numatune>", 'numatune memory (strict)'],
    ['<cputune><shares>99</shares></cputune>', 'cputune shares (99)'],
    ["<pm><suspend-to-mem enabled='no'/></pm>", 'pm'],
    ["<commandline><arg value='-foo'/></commandline>", 'commandline (…)'],
  ])('is named: %s', (top, words) => {
    expect(oddities(top)).toStrictEqual([words]);
  });

  it.each([
    [
      "<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0' bus='0x6' slot='0x0' function='0x1'/></source></hostdev>",
      'hostdev (subsystem pci 0x0 0x6 0x0 0x1)',
    ],
    ["<graphics type='spice' port='-1'><listen type='address'/></graphics>", 'graphics (spice)'],
    ["<watchdog model='i6300esb' action='dump'/>", 'watchdog (i6300esb)'],
    ["<watchdog model='diag288' action='reset'/>", 'watchdog (diag288)'],
    [
      "<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>",
      'tpm (tpm-tis passthrough /dev/tpm0)',
    ],
    [
      "<disk type='file'><target dev='vda'/><iotune><read_iops_sec>1</read_iops_sec><read_iops_sec_max>2</read_iops_sec_max></iotune></disk>",
      'disk vda iotune read_iops_sec_max (2)',
    ],
    [
      "<filesystem type='mount'><source dir='/srv'/><target dir='x'/></filesystem>",
      'filesystem (mount /srv x)',
    ],
    [
      "<channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>",
      'channel (spicevmc virtio com.redhat.spice.0)',
    ],
    ["<input type='tablet' bus='virtio'/>", 'input (tablet virtio)'],
    ["<controller type='scsi' index='0' model='lsilogic'/>", 'controller (scsi lsilogic)'],
    [
      "<disk type='file'><driver type='raw' io='native'/><target dev='vda'/></disk>",
      'disk vda driver io=native',
    ],
    [
      "<disk type='file'><source file='/a' startupPolicy='optional'/><target dev='vda'/></disk>",
      'disk vda source startupPolicy=optional',
    ],
    [
      "<interface type='bridge'><mac address='52:54:00:00:00:01'/><link state='down'/></interface>",
      'interface 52:54:00:00:00:01 link (down)',
    ],
  ])('is a device that is named: %s', (device, words) => {
    expect(oddities('', device)).toStrictEqual([words]);
  });

  it('is also a value: of the CPU, the clock, the boot order', () => {
    const document = `<domain type='xen'><vcpu cpuset='1-3'>2</vcpu><os><boot dev='fd'/><boot dev='hd'/></os>
      <cpu mode='custom'><model>Haswell</model><topology sockets='1' clusters='1'/><feature policy='disable' name='vmx'/></cpu>
      <clock offset='localtime'><timer name='rtc'/></clock><on_crash>rename-restart</on_crash></domain>`;
    expect(readOddities(parseXml(document))).toStrictEqual([
      'domain type=xen',
      'vcpu cpuset=1-3',
      'os boot dev=fd',
      'cpu topology clusters=1',
      'cpu feature (vmx)',
      'clock offset=localtime',
      'clock timer (rtc)',
      'on_crash: rename-restart',
    ]);
    expect(readLacks(parseXml(document))).toStrictEqual([
      'ACPI',
      'a serial console',
      'a channel for the guest agent',
      'a random number generator',
    ]);
  });
});
