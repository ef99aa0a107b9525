import { describe, expect, it } from 'vitest';
import { poolXml, volumeXml } from '../../../../src/libvirt-xml/write/storage.ts';
import type { VolumeDescription } from '../../../../src/libvirt-xml/write/storage.ts';
import { bootDiskFile, dataDiskFile, vmDirectory } from '../../../../src/config/vm-paths.ts';
import { readPool, readVolume } from '../../../../src/libvirt-xml/read/storage.ts';
import { diagnostics } from '../judge.ts';

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
const ODD = '/i/a "b" \'c\' <&> &amp;&lt; \u00e9\u{1f600}';

describe('the pool document', () => {
  it('is this one', () => {
    expect(poolXml({ name: 'plow-my-vm', uuid: UUID, path: '/images/my-vm' })).toBe(
      `<pool type="dir"><name>plow-my-vm</name><uuid>${UUID}</uuid><target><path>/images/my-vm</path>` +
        '</target></pool>',
    );
  });

  it('says who may pass through a directory that is made with it', () => {
    const description = { name: 'plow-my-vm', uuid: UUID, path: '/images/my-vm' };
    const closed = poolXml({ ...description, access: { mode: 0o710, owner: 0, group: 64_055 } });
    expect(closed).toContain(
      '<permissions><mode>0710</mode><owner>0</owner><group>64055</group></permissions></target>',
    );
    const open = poolXml({ ...description, access: { mode: 0o711 } });
    expect(open).toContain('<permissions><mode>0711</mode></permissions></target>');
    for (const document of [closed, open]) expect(diagnostics(document, 'storagepool')).toStrictEqual([]);
  });

  it.each(['/images/my-vm', '/images/a b', ODD])("on %s passes libvirt's schema and is read back", (path) => {
    const document = poolXml({ name: 'plow-my-vm', uuid: UUID, path });
    expect(diagnostics(document, 'storagepool')).toStrictEqual([]);
    expect(readPool(document).path).toBe(path);
  });
});

describe('the volume document', () => {
  it('of an overlay is this one', () => {
    const backing = { path: '/images/base.img', format: 'raw' } as const;
    expect(volumeXml({ name: 'boot.qcow2', format: 'qcow2', capacityBytes: 2 ** 33, backing })).toBe(
      '<volume><name>boot.qcow2</name><capacity unit="bytes">8589934592</capacity>' +
        '<allocation unit="bytes">0</allocation><target><format type="qcow2"/>' +
        '<permissions><mode>0600</mode></permissions><compat>1.1</compat></target>' +
        '<backingStore><path>/images/base.img</path><format type="raw"/></backingStore></volume>',
    );
  });

  it.each<[string, Partial<VolumeDescription>]>([
    ['an overlay', { backing: { path: '/i/base', format: 'qcow2' } }],
    ['an overlay on an odd path', { backing: { path: ODD, format: 'raw' } }],
    ['an empty qcow2', {}],
    ['a raw file', { format: 'raw' }],
    ['the largest there can be', { format: 'raw', capacityBytes: (2 ** 23 - 1) * 2 ** 30 }],
  ])("of %s passes libvirt's schema and keeps its size", (_, changes) => {
    const description: VolumeDescription = { name: 'boot', format: 'qcow2', capacityBytes: 1, ...changes };
    const document = volumeXml(description);
    expect(diagnostics(document, 'storagevol')).toStrictEqual([]);
    const { format, capacityBytes } = description;
    expect(readVolume(document)).toMatchObject({ format, capacityBytes });
  });
});

describe('the files of a VM', () => {
  it.each([
    [vmDirectory('/var/lib/libvirt/images', 'my-vm'), '/var/lib/libvirt/images/my-vm'],
    [vmDirectory('/', 'my-vm'), '/my-vm'],
    [bootDiskFile('qcow2'), 'boot.qcow2'],
    [bootDiskFile('raw'), 'boot.raw'],
    [dataDiskFile('vdb'), 'data-vdb.qcow2'],
  ])('have the name %s', (name, expected) => {
    expect(name).toBe(expected);
  });
});
