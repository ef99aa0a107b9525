import { describe, expect, it } from 'vitest';
import { readDomain } from '../../../../../src/libvirt-xml/domain/read.ts';
import { parseXml } from '../../../../../src/libvirt-xml/read/parse.ts';
import { readOddities } from '../../../../../src/libvirt-xml/unknown/oddities.ts';
import { minimalMachine } from '../../../machines.ts';
import { diagnostics } from '../../judge.ts';
import { documentOf } from './placed.ts';

const FILES = [
  { name: 'opt/com.coreos/config', file: '/srv/fw/node <1> & "2".ign' },
  { name: 'opt/org.example/x', file: '/srv/fw/x' },
];

function read(xml: string): ReturnType<typeof readDomain> {
  return readDomain(parseXml(xml));
}

function arg(text: string): string {
  return `<qemu:arg value='${text}'/>`;
}

describe('files that the guest reads by name', () => {
  it('are entries of a sysinfo that libvirt takes, and are read back', () => {
    const document = documentOf(minimalMachine({ fwCfg: FILES }));
    expect(document).toContain('<sysinfo type="fwcfg">');
    expect(diagnostics(document, 'domain')).toStrictEqual([]);
    expect(read(document).extras.fwCfg).toStrictEqual(FILES);
    expect(readOddities(parseXml(document))).toStrictEqual([]);
  });

  it('leave no trace where there are none', () => {
    expect(documentOf(minimalMachine())).not.toContain('sysinfo');
  });

  it.each([
    ['-fw_cfg', 'name=opt/com.coreos/config,file=/var/lib/libvirt/images/x.ign'],
    ['-fw_cfg', 'opt/com.coreos/config,file=/var/lib/libvirt/images/x.ign'],
  ])('are read where QEMU is given them itself: %s %s', (option, value) => {
    const text = `<domain type='kvm' xmlns:qemu='urn:x'><features><acpi/></features><qemu:commandline>${arg(option)}${arg(value)}</qemu:commandline></domain>`;
    expect(read(text).extras.fwCfg).toStrictEqual([
      { name: 'opt/com.coreos/config', file: '/var/lib/libvirt/images/x.ign' },
    ]);
    expect(readOddities(parseXml(text)).join()).not.toContain('commandline');
  });

  it.each([
    ["<qemu:arg value='-fw_cfg'/><qemu:arg value='name=opt/a,string=secret'/>"],
    ["<qemu:arg value='-fw_cfg'/><qemu:arg value='name=opt/a,file=/b,x=y'/>"],
    ["<qemu:arg value='-cpu'/><qemu:arg value='name=opt/a,file=/b'/>"],
    ["<qemu:arg value='-fw_cfg'/><qemu:arg value='name=opt/a,file=/b'/><qemu:env name='A'/>"],
  ])('are told as odd where QEMU is given something else: %s', (args) => {
    const text = `<domain xmlns:qemu='urn:x'><qemu:commandline>${args}</qemu:commandline></domain>`;
    expect(readOddities(parseXml(text)).join()).toContain('commandline');
  });

  it.each([
    ["<sysinfo type='fwcfg'><entry name='opt/a'>text</entry></sysinfo>"],
    ["<sysinfo type='smbios'><bios><entry name='vendor'>x</entry></bios></sysinfo>"],
  ])('are told as odd where they are no files: %s', (sysinfo) => {
    const text = `<domain type='kvm'>${sysinfo}</domain>`;
    expect(read(text).extras.fwCfg).toStrictEqual([]);
    expect(readOddities(parseXml(text)).join()).toContain('sysinfo');
  });
});
