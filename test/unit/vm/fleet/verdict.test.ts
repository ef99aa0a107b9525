import { describe, expect, it } from 'vitest';
import type { DomainFacts } from '../../../../src/libvirt-xml/domain/read.ts';
import type { Declared } from '../../../../src/libvirt-xml/metadata/declared.ts';
import { causeOf } from '../../../../src/vm/fleet/machine-changes.ts';
import { verdictOn } from '../../../../src/vm/fleet/verdict.ts';

const running = {
  vcpus: 2,
  maximumVcpus: 4,
  currentMemoryKib: 2,
  memoryKib: 4,
  disks: [],
} as unknown as DomainFacts;
const wanted = { interfaces: [], provisioning: undefined };

describe('what a change takes', () => {
  it.each([
    ['vcpus', 4, 2, 'live'],
    ['vcpus', 5, 2, 'reboot'],
    ['vcpus', 1, 2, 'reboot'],
    ['memory_kib', 2, 1, 'reboot'],
    ['description', 'a', 'b', 'live'],
    ['firmware', 'uefi', 'bios', 'rebuild'],
    ['disk vda', '/a/boot.raw', '/a/boot.qcow2', 'rebuild'],
    ['disk vdb', '/a/data-vdb.qcow2', null, 'live'],
    ['disk vdb', null, '/a/data-vdb.qcow2', 'refused'],
    ['disk vdb size_bytes', 2, 1, 'live'],
    ['disk vdb size_bytes', 1, 2, 'refused'],
    ['disk vdb cache', 'none', 'writeback', 'reboot'],
    ['disk vdb io_limits', 'a', null, 'reboot'],
    ['current_memory_kib', 3, 2, 'live'],
    ['current_memory_kib', 1, 2, 'reboot'],
    ['secure_boot', true, false, 'rebuild'],
    ['disk sda', null, '/a/cloudinit.iso', 'refused'],
    ['disk sdb', '/iso', null, 'reboot'],
    ['disk sdb', '/iso', 'empty', 'live'],
    ['interface 52:54:00:00:00:01', null, 'br0', 'live'],
    ['interface 52:54:00:00:00:01', 'br1', 'br0', 'reboot'],
    ['interface 52:54:00:00:00:01', null, 'br0', 'live'],
    ['interface 52:54:00:00:00:01 mtu_bytes', 1400, null, 'reboot'],
  ] as const)('of a VM that runs: %s, %j for %j: %s', (what, file, stored, verdict) => {
    expect(verdictOn({ what, file, stored, running, wanted })).toBe(verdict);
  });

  it('of an interface that goes, what its guest needs to hear of it', () => {
    const goes = { what: 'interface 52:54:00:00:00:01', file: null, stored: 'br0', running };
    const guest = { format: 'cloud-init' } as Declared['provisioning'];
    expect(verdictOn({ ...goes, wanted: { ...wanted, provisioning: guest } })).toBe('reseed');
  });

  it('of a routed interface that comes: a start', () => {
    const comes = { what: 'interface 52:54:00:00:00:01', file: 'tap', stored: null, running };
    const interfaces = [{ mac: '52:54:00:00:00:01', mode: 'ethernet' }] as unknown as Declared['interfaces'];
    expect(verdictOn({ ...comes, wanted: { ...wanted, interfaces } })).toBe('reboot');
  });

  it('of what a disk may do: nothing more, unless it comes with the next start', () => {
    const asked = { what: 'disk vdb io_limits', file: 'total_iops 100', stored: null, wanted };
    const disks = [{ target: 'vdb' }] as unknown as DomainFacts['disks'];
    expect(verdictOn({ ...asked, running: { ...running, disks } })).toBe('live');
    expect(verdictOn({ ...asked, running: { ...running, disks: [] } })).toBe('reboot');
  });

  it.each(['vcpus', 'memory_kib', 'disk vdb cache', 'interface 52:54:00:00:00:01 mtu_bytes'])(
    'is nothing more where the VM is off: %s',
    (what) => {
      expect(verdictOn({ what, file: 9, stored: 1, running: undefined, wanted })).toBe('live');
    },
  );
});

describe('who changed what', () => {
  it.each([
    [2, 1, 1, 'file'],
    [2, undefined, 1, 'file'],
    [1, 1, 2, 'vm'],
    [3, 1, 2, 'both'],
  ] as const)('the file says %j, made with %j, stored %j: %s', (file, made, stored, cause) => {
    expect(causeOf({ file, made, stored }, Object.is)).toBe(cause);
  });
});
