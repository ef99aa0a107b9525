import { describe, expect, it } from 'vitest';
import { driveIn, driveXml, sameDriveXml } from '../../../../src/libvirt-xml/domain/devices/medium.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import type { XmlElement } from '../../../../src/libvirt-xml/read/parse.ts';

/** A drive with all that others say of one. */
function drive(source: string, driverType = 'raw'): XmlElement {
  const document = parseXml(`<domain><devices>
    <disk type="file" device="cdrom">
      <driver name="qemu" type="${driverType}" cache="none" error_policy="stop"/>${source}
      <target dev="sda" bus="sata" tray="open"/>
      <iotune><total_bytes_sec>1000</total_bytes_sec></iotune>
      <readonly/><serial>A&amp;amp;1</serial><alias name="ua-mine"/><boot order="2"/>
      <address type="drive" controller="0" bus="0" target="0" unit="3"/>
    </disk></devices></domain>`);
  const found = driveIn(document, 'sda');
  if (found === undefined) throw new Error('there is one');
  return found;
}

const REST =
  '<target dev="sda" bus="sata"/><iotune><total_bytes_sec>1000</total_bytes_sec></iotune><readonly/>' +
  '<serial>A&amp;amp;1</serial><alias name="ua-mine"/><boot order="2"/>' +
  '<address type="drive" controller="0" bus="0" target="0" unit="3"/>';
const HEAD =
  '<disk type="file" device="cdrom"><driver name="qemu" type="raw" cache="none" error_policy="stop"/>';
const OWNER = '<seclabel model="dac" relabel="no"/>';
const FOREIGN = '<seclabel model="selinux" relabel="no"/><seclabel model="dac" relabel="yes"/>';

describe('a drive with another medium in it', () => {
  it.each([
    ['in place of nothing', '', `<source startupPolicy="optional" file="/b&amp;.iso">${OWNER}</source>`],
    [
      'in place of a file',
      `<source file="/a.iso" index="4" startupPolicy="requisite">${FOREIGN}<slices/></source>`,
      `<source startupPolicy="requisite" file="/b&amp;.iso">${FOREIGN}</source>`,
    ],
    [
      'in place of one with layers',
      '<source file="/a.iso"/><backingStore type="file"><source file="/c"/></backingStore>',
      `<source startupPolicy="optional" file="/b&amp;.iso">${OWNER}</source>`,
    ],
  ])('is as it was but for that: %s', (_, before, after) => {
    const text = driveXml(drive(before, 'qcow2'), '/b&.iso');
    expect(text).toBe(`${HEAD}${REST}${after}</disk>`);
  });

  it.each([
    ['a file', '<source file="/a.iso" index="4"/>', ''],
    ['what plow put there', `<source startupPolicy="optional" file="/b.iso">${OWNER}</source>`, ''],
    ['a file with labels', `<source file="/a.iso">${FOREIGN}</source>`, `<source>${FOREIGN}</source>`],
  ])('is as it was but for that it is empty: %s', (_, before, after) => {
    expect(driveXml(drive(before), undefined)).toBe(`${HEAD}${REST}${after}</disk>`);
  });

  it('is written back as it was', () => {
    const source = `<source pool="p" volume="v">${FOREIGN}</source>`;
    const text = sameDriveXml(drive(source));
    expect(text).toContain(source);
    expect(text).toContain('tray="open"');
    expect(text).toContain('<serial>A&amp;amp;1</serial>');
  });
});
