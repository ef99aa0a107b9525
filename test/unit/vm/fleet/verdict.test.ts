import { describe, expect, it } from 'vitest';
import type { DomainFacts } from '../../../../src/libvirt-xml/domain/read.ts';
import { causeOf } from '../../../../src/vm/fleet/machine-changes.ts';
import { verdictOn } from '../../../../src/vm/fleet/verdict.ts';

const running = { vcpus: 2, maximumVcpus: 4 } as DomainFacts;

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
    ['disk vdb io_limits', 'a', null, 'live'],
    ['disk sda', null, '/a/cloudinit.iso', 'reseed'],
    ['disk sdb', '/iso', null, 'live'],
    ['interface 52:54:00:00:00:01', null, 'br0', 'live'],
    ['interface 52:54:00:00:00:01 mtu_bytes', 1400, null, 'reboot'],
  ] as const)('of a VM that runs: %s, %j for %j: %s', (what, file, stored, verdict) => {
    expect(verdictOn({ what, file, stored, running })).toBe(verdict);
  });

  it.each(['vcpus', 'memory_kib', 'disk vdb cache', 'interface 52:54:00:00:00:01 mtu_bytes'])(
    'is nothing more where the VM is off: %s',
    (what) => {
      expect(verdictOn({ what, file: 9, stored: 1, running: undefined })).toBe('live');
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
