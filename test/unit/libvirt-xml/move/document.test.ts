import { describe, expect, it } from 'vitest';
import { moveElement, moveIn, moveOf } from '../../../../src/libvirt-xml/metadata/move.ts';
import type { MoveMark } from '../../../../src/libvirt-xml/metadata/move.ts';
import { movingDocument, openDocument } from '../../../../src/libvirt-xml/move/document.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';

const UUID = '0f0e0d0c-0b0a-4908-8706-050403020100';
const DOCUMENT = `<domain type='kvm'>
  <name>web</name><uuid>${UUID}</uuid>
  <metadata><plow:vm xmlns:plow="urn:plow:domain:1">{}</plow:vm></metadata>
  <devices><emulator>/usr/bin/qemu</emulator>
    <disk type='file' device='disk'><source file='/a &amp; b/boot.qcow2' index='1'/><backingStore type='file'><source file='/base'/></backingStore><target dev='vda'/></disk>
    <disk type='file' device='cdrom'><source file='/a &amp; b/cloudinit.iso'/><target dev='sda'/></disk>
    <disk type='file' device='cdrom'><target dev='sdb'/></disk>
  </devices>
</domain>`;

const MARK: MoveMark = {
  role: 'source',
  phase: 'moved',
  token: 'one',
  host: 'qemu+ssh://h2/system?a=1&b=<2>',
  ran: true,
  autostart: false,
  bases: ['/a "b" & c.qcow2'],
};

describe('the document of a VM on its way', () => {
  const barred = movingDocument(DOCUMENT, { uuid: UUID, mark: MARK, isBarred: true, isElsewhere: true });

  it('says where it goes, and is read as it was written', () => {
    expect(moveOf(parseXml(barred))).toEqual(MARK);
    expect(moveIn(barred, UUID)).toEqual(MARK);
    expect(moveIn(DOCUMENT, UUID)).toBeUndefined();
    expect(moveIn(barred, UUID.replace('0f', '1f'))).toBeUndefined();
  });

  it('names no disk that is there, and has no QEMU of another hypervisor', () => {
    const files = parseXml(barred)
      .all('devices', 'disk', 'source')
      .map((source) => source.attribute('file'));
    expect(files).toEqual(['/a & b/boot.qcow2.plow-moving', '/a & b/cloudinit.iso']);
    expect(barred).toContain("<source file='/base'/>");
    expect(barred).not.toContain('emulator');
  });

  it('is as it was once that is taken away, whatever stage it was at', () => {
    const at = { uuid: UUID, isBarred: true, isElsewhere: false } as const;
    const twice = movingDocument(movingDocument(DOCUMENT, { ...at, mark: MARK }), {
      ...at,
      mark: { ...MARK, phase: 'left' },
    });
    expect(moveOf(parseXml(twice))?.phase).toBe('left');
    expect(twice.split('.plow-moving')).toHaveLength(2);
    const back = { uuid: UUID, mark: undefined, isBarred: false, isElsewhere: false };
    expect(movingDocument(twice, back)).toBe(DOCUMENT);
    expect(openDocument(DOCUMENT)).toBe(DOCUMENT);
  });

  it('is that of a VM which stays, where somebody wrote what no move says', () => {
    for (const [from, to] of [
      ['role="source"', 'role="other"'],
      ['phase="moved"', 'phase="starting"'],
    ] as const)
      expect(moveOf(parseXml(barred.replace(from, to)))).toBeUndefined();
    expect(moveOf(parseXml(barred.replace(/bases="[^"]*"/u, 'bases="{"')))?.bases).toEqual([]);
    expect(moveElement(UUID, MARK)).toMatch(/^<move uuid="0f/u);
  });
});
