import { describe, expect, it } from 'vitest';
import { parseIfPossible, parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';
import { readCapabilities, readSecurityModels } from '../../../../src/libvirt-xml/read/capabilities.ts';
import { readDomainCapabilities } from '../../../../src/libvirt-xml/read/domain-capabilities.ts';
import { readMacs } from '../../../../src/libvirt-xml/read/macs.ts';
import { readPool, readVolume } from '../../../../src/libvirt-xml/read/storage.ts';
import { readDisks, readUsedFiles } from '../../../../src/libvirt-xml/read/used-files.ts';
import {
  capabilities,
  DEBIAN_SECMODELS,
  DIRECTORY_VOLUME,
  DOMAIN,
  DOMAIN_CAPABILITIES,
  LOGICAL_POOL,
  POOL,
  VOLUME,
} from '../documents.ts';

describe('the disks of a domain', () => {
  it('are those that it names itself, each with its own source, without what lies behind', () => {
    const disks = readDisks(parseXml(DOMAIN)).map(({ target, device, type, path }) => [
      target,
      device,
      type,
      path,
    ]);
    expect(disks).toStrictEqual([
      ['vda', 'disk', 'file', '/images/odd/boot "\u00e9".qcow2'],
      ['vdb', 'disk', 'file', '/images/odd/second.qcow2'],
      ['vdc', 'disk', 'block', '/dev/vg/lv'],
      ['vdd', 'disk', 'volume', undefined],
      ['vde', 'disk', 'network', undefined],
      ['sda', 'cdrom', 'file', undefined],
      ['vdf', 'disk', 'file', '/images/odd/no-device.raw'],
    ]);
  });

  it.each(['<domain/>', '<domain><devices/></domain>', '<domain><devices>\n</devices></domain>'])(
    'of %j are none',
    (document) => {
      expect(readDisks(parseXml(document))).toStrictEqual([]);
      expect(readMacs(parseXml(document))).toStrictEqual([]);
    },
  );
});

const used = (inside: string): ReturnType<typeof readUsedFiles> =>
  readUsedFiles(parseXml(`<domain>${inside}</domain>`));

describe('the files that a domain uses', () => {
  it('are all paths in it, without blanks around them, and none of what metadata says', () => {
    const { paths } = used(`<metadata><x path='/metadata'>/metadata</x></metadata>
      <os><loader>
        /firmware
      </loader></os><devices><hostdev dev='/dev/x'/><emulator>qemu</emulator></devices>`);
    expect(paths).toStrictEqual(['/firmware', '/dev/x']);
  });

  it('have open chains where a disk or a mirror says nothing of what is below, and nowhere else', () => {
    const { openChains, closedChains, bases } = used(`<devices>
      <disk type='file'><driver type='qcow2'/><source file='/open.qcow2'/>
        <mirror type='file'><format type='qcow2'/><source file='/mirror.qcow2'/></mirror></disk>
      <disk type='file'><driver type='qcow2'/><source file='/top.qcow2'/>
        <backingStore type='file'><format type='qcow2'/><source file='/middle.qcow2'/><backingStore/></backingStore></disk>
      <disk type='file'><driver type='raw'/><source file='/raw.img'/></disk>
      <filesystem type='file'><source file='/fs.img'/></filesystem>
      <interface type='direct'><source dev='eth0'/></interface>
    </devices>`);
    expect(openChains).toStrictEqual(['/open.qcow2', '/mirror.qcow2']);
    expect(closedChains).toStrictEqual(['/top.qcow2', '/middle.qcow2', '/raw.img']);
    expect(bases).toStrictEqual(['/middle.qcow2']);
  });

  it('are volumes where a pool and a volume are named, and not with one of them', () => {
    const { volumes, openChains } = used(`<devices>
      <disk type='volume'><driver type='qcow2'/><source pool='p' volume='v'/></disk>
      <disk type='volume'><source pool='p'/></disk><disk type='volume'><source volume='v'/></disk></devices>`);
    expect(volumes).toStrictEqual([{ pool: 'p', volume: 'v' }]);
    expect(openChains).toStrictEqual([{ pool: 'p', volume: 'v' }]);
  });
});

describe('a domain that plow did not make', () => {
  it('has MAC addresses and no metadata of plow', () => {
    expect(readMacs(parseXml(DOMAIN))).toStrictEqual(['52:54:00:11:22:33', 'be:ef:0a:14:1e:2a']);
    expect(metadataInDomain(parseIfPossible(DOMAIN))).toBeUndefined();
  });
});

describe('a volume', () => {
  it('is what its own target says, not its backing store', () => {
    expect(readVolume(VOLUME)).toStrictEqual({
      type: 'file',
      path: '/var/lib/libvirt/images/o.qcow2',
      format: 'qcow2',
      backingPath: '/var/lib/libvirt/images/tiny.raw',
      capacityBytes: 10_485_760,
      fileBytes: 196_616,
      allocationBytes: 200_704,
      permissions: { mode: 0o640, owner: 0, group: 64_055 },
      writtenAt: undefined,
      changedAt: undefined,
      mark: undefined,
    });
  });

  it('can be a directory', () => {
    expect(readVolume(DIRECTORY_VOLUME)).toMatchObject({ type: 'dir', format: 'dir', capacityBytes: 0 });
  });

  it('has a mark of its own times, where libvirt tells both', () => {
    const times = '<mtime>2.5</mtime><ctime>3.5</ctime>';
    const ofBase = VOLUME.replace('<backingStore>', `<backingStore><timestamps>${times}</timestamps>`);
    expect(readVolume(ofBase).mark).toBeUndefined();
    expect(readVolume(VOLUME.replace('</atime>', `</atime>${times}`)).mark).toBe('3.5 2.5');
  });

  it('may come without permissions', () => {
    const document = VOLUME.replaceAll(/<permissions>[\s\S]*?<\/permissions>/gu, '');
    expect(readVolume(document).permissions).toBeUndefined();
  });
});

describe('a pool', () => {
  it.each([
    ['of a directory has its path', POOL, '/var/lib/libvirt/images'],
    ['without a target has none', LOGICAL_POOL, undefined],
  ])('%s', (_, document, path) => {
    expect(readPool(document).path).toBe(path);
  });
});

describe('the capabilities of a host', () => {
  const user = { uid: 64_055, gid: 64_055 };
  const fedora = `<secmodel><model>selinux</model><doi>0</doi><baselabel type='kvm'>system_u:system_r:svirt_t:s0</baselabel></secmodel>
    <secmodel><model>dac</model><doi>0</doi><baselabel type='kvm'>+107:+107</baselabel></secmodel>`;

  it.each([
    ['Debian with KVM', ['qemu', 'kvm'], DEBIAN_SECMODELS, ['kvm', 'qemu'], user],
    ['Debian without KVM', ['qemu'], DEBIAN_SECMODELS, ['qemu'], user],
    ['KVM named first', ['kvm', 'qemu'], DEBIAN_SECMODELS, ['kvm', 'qemu'], user],
    ['Fedora', ['qemu', 'kvm'], fedora, ['kvm', 'qemu'], { uid: 107, gid: 107 }],
    ['a host that names no user', ['qemu'], '', ['qemu'], undefined],
    [
      'a host with its labels off',
      ['qemu'],
      '<secmodel><model>none</model><doi>0</doi></secmodel>',
      ['qemu'],
      undefined,
    ],
    ['another hypervisor', ['xen'], '', [], undefined],
  ])('%s', (_, domains, secmodels, virtTypes, qemuUser) => {
    const found = readCapabilities(capabilities(domains, secmodels));
    expect(found).toMatchObject({ virtTypes });
    expect(found.qemuUser).toStrictEqual(qemuUser);
  });

  it.each([
    [DEBIAN_SECMODELS, ['apparmor', 'dac']],
    [fedora, ['selinux', 'dac']],
    ['', []],
  ])('name what keeps QEMU within bounds: %#', (secmodels, models) => {
    expect(readSecurityModels(capabilities(['qemu'], secmodels))).toStrictEqual(models);
  });

  it('name machine types by both their names, with the most CPUs of each', () => {
    const older = `<domain type='kvm'><machine maxCpus='255'>pc-1.0</machine><machine>none</machine></domain></arch>`;
    const document = capabilities(['qemu'], '').replace(/<\/arch>(?![\s\S]*<\/arch>)/u, older);
    expect([...readCapabilities(document).machines]).toStrictEqual([
      ['q35', 288],
      ['pc-q35-7.2', 288],
      ['pc-1.0', 255],
      ['none', undefined],
    ]);
  });

  it('without x86_64 guests offer nothing', () => {
    const document = capabilities(['qemu', 'kvm'], DEBIAN_SECMODELS).replace(
      "arch name='x86_64'",
      "arch name='arm'",
    );
    expect(readCapabilities(document).virtTypes).toStrictEqual([]);
  });
});

describe('the firmware of a host', () => {
  it.each([
    ['Debian with ovmf', DOMAIN_CAPABILITIES, true],
    ['Debian without', DOMAIN_CAPABILITIES.replace('<value>efi</value>', ''), false],
    ['with BIOS only', DOMAIN_CAPABILITIES.replace('efi', 'bios'), false],
    ['of a libvirt that says nothing of it', '<domainCapabilities/>', false],
  ])('%s', (_, document, there) => {
    expect(readDomainCapabilities(document).firmware.includes('efi')).toBe(there);
  });
});
