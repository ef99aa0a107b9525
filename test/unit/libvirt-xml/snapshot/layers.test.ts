import { describe, expect, it } from 'vitest';
import { readLayers, withOverlays } from '../../../../src/libvirt-xml/snapshot/layers.ts';
import { readSnapshot } from '../../../../src/libvirt-xml/snapshot/read.ts';
import { snapshotXml } from '../../../../src/libvirt-xml/snapshot/write.ts';

const DISK = `<disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source file='/vms/web/boot &amp; "all".qcow2'/>
      <backingStore type='file'>
        <format type='qcow2'/>
        <source file='/images/base.qcow2'><seclabel model='dac' relabel='no'/></source>
        <backingStore/>
      </backingStore>
      <target dev='vda' bus='virtio'/>
      <unheard of='&lt;'/>
    </disk>`;
const RAW = `<disk type='file'><source file='/vms/web/data.raw'/><target dev='vdb'/><driver name='qemu' type="raw"/></disk>`;
const SEED = `<disk type='file' device='cdrom'><source file='/vms/web/cloudinit.iso'/><target dev='sda'/><readonly/></disk>`;
const document = (...disks: readonly string[]): string =>
  `<domain type='kvm' xmlns:x='urn:x'>\n  <name>web</name><!-- kept -->\n  <devices>\n    ${disks.join('\n    ')}\n    <x:more/>\n  </devices>\n</domain>\n`;

function layered(text: string): string {
  const overlays = readLayers(text).map(
    (on) => [on.target, { path: `/vms/web/new-${on.target}`, on }] as const,
  );
  return withOverlays(text, new Map(overlays));
}

describe('a document with new layers', () => {
  it('has them on what the disks stood on, and differs in nothing else', () => {
    const after = layered(document(DISK, RAW, SEED));
    expect(readLayers(after).map(({ target, format, paths }) => ({ target, format, paths }))).toStrictEqual([
      {
        target: 'vda',
        format: 'qcow2',
        paths: ['/vms/web/new-vda', '/vms/web/boot & "all".qcow2', '/images/base.qcow2'],
      },
      { target: 'vdb', format: 'qcow2', paths: ['/vms/web/new-vdb', '/vms/web/data.raw'] },
    ]);
    expect(after).toContain("<seclabel model='dac' relabel='no'/>");
    expect(after).toContain("<format type='raw'/><source file='/vms/web/data.raw'/></backingStore>");
    expect(after.replaceAll(/<disk[^]*?<\/disk>/gu, '')).toBe(
      document(DISK, RAW, SEED).replaceAll(/<disk[^]*?<\/disk>/gu, ''),
    );
    expect(after).toContain("<unheard of='&lt;'/>");
    expect(after).toContain(SEED);
  });

  it('leaves a chain open where it was, and closed where it was', () => {
    expect(layered(document(DISK)).match(/<backingStore\/>/gu)).toHaveLength(1);
    expect(layered(document(RAW))).not.toContain('<backingStore/>');
  });

  it.each([
    ["<disk type='network'><source protocol='rbd' name='a'/><target dev='vdc'/></disk>"],
    ["<disk type='file'><source file='/a'/><shareable/><target dev='vdc'/></disk>"],
  ])('tells a disk that is no file of its own: %s', (disk) => {
    expect(readLayers(document(disk))).toMatchObject([{ target: 'vdc', path: undefined }]);
  });
});

describe('a snapshot', () => {
  const overlays = new Map([['vda', '/vms/web/new & vda']]);

  it('that plow writes is read back', () => {
    const taken = { createdAt: 17, parent: 'before', domain: document(DISK, SEED) };
    const xml = snapshotXml({ name: 'one', description: 'a < b & c', overlays }, taken);
    expect(readSnapshot(xml)).toMatchObject({
      name: 'one',
      description: 'a < b & c',
      createdAt: 17,
      parent: 'before',
      isOfDisksOnly: true,
      disks: [{ target: 'vda', paths: ['/vms/web/boot & "all".qcow2', '/images/base.qcow2'] }],
    });
  });

  it('of a VM that ran is read as it was stored', () => {
    const live = document(DISK).replace('boot', 'other');
    const stored = document(DISK)
      .replace('<domain', '<inactiveDomain')
      .replace('</domain', '</inactiveDomain');
    const xml = `<domainsnapshot><name>one</name><disks><disk name='vda' snapshot='external'/></disks>${live}${stored}</domainsnapshot>`;
    expect(readSnapshot(xml).disks.map(({ path }) => path)).toStrictEqual(['/vms/web/boot & "all".qcow2']);
  });

  it.each([
    ["<memory snapshot='no'/><disks><disk name='vda' snapshot='external'/></disks>", true],
    ["<memory snapshot='internal'/><disks><disk name='vda' snapshot='internal'/></disks>", false],
    ["<memory snapshot='external' file='/m'/><disks><disk name='vda' snapshot='external'/></disks>", false],
    ["<disks><disk name='vda' snapshot='no'/></disks>", false],
  ])('is of disks alone or of more: %s', (parts, isOfDisksOnly) => {
    expect(readSnapshot(`<domainsnapshot>${parts}</domainsnapshot>`)).toMatchObject({ isOfDisksOnly });
  });
});
