import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../../src/config/vm-file/load.ts';
import type { Machine } from '../../../src/config/machine.ts';
import { outcome, SMALLEST } from './sample.ts';

function machineOf(more: string): Machine {
  return loadMachine('vm.yaml', SMALLEST + more, { virtType: undefined }).machine;
}

/** What is said of the smallest file with more at its end, which begins in line 11. */
function said(more: string): readonly string[] {
  return outcome(SMALLEST + more);
}

function withDisk(keys: string): string {
  return SMALLEST.replace('  image: /img/a.qcow2\n', `  image: /img/a.qcow2\n  ${keys}\n`);
}

const FULL = `tpm: true
secure_boot: true
watchdog: poweroff
iothreads: 2
shares: [{ source: /srv/data, tag: data }, { source: /srv/d, tag: d, read_only: true }]
fw_cfg:
  - { name: opt/org.example/a, file: /images/a b.json }
  - { name: opt/com.coreos/config, file: /images/x.ign }
`;

describe('what few VMs have', () => {
  it('is what the file says', () => {
    expect(machineOf(FULL)).toMatchObject({
      hasTpm: true,
      hasSecureBoot: true,
      watchdog: { model: 'i6300esb', action: 'poweroff' },
      ioThreads: 2,
      shares: [
        { source: '/srv/data', tag: 'data', isReadOnly: false },
        { source: '/srv/d', tag: 'd', isReadOnly: true },
      ],
      fwCfg: [
        { name: 'opt/org.example/a', file: '/images/a b.json' },
        { name: 'opt/com.coreos/config', file: '/images/x.ign' },
      ],
    });
    expect(machineOf('watchdog: { model: i6300esb }\n').watchdog).toStrictEqual({
      model: 'i6300esb',
      action: 'reset',
    });
  });

  it('bounds a disk, by a total or by its parts', () => {
    const text = withDisk('io_limits: { read_iops: 5, write_iops: 6, total_mib_per_s: 7 }');
    const { machine } = loadMachine(
      'vm.yaml',
      `${text}data_disks: [{ device: vdb, size_gb: 1, io_limits: { read_mib_per_s: 8 } }]\n`,
      { virtType: undefined },
    );
    expect(machine.bootDisk.ioLimits).toStrictEqual({ readIops: 5, writeIops: 6, totalMibPerS: 7 });
    expect(machine.dataDisks[0]?.ioLimits).toStrictEqual({ readMibPerS: 8 });
  });
});

describe('a mistake there', () => {
  it.each([
    ['tpm: "yes"', '11:6: tpm: expected true or false, found the text "yes"; did you mean true?'],
    ['tmp: true', "11:1: tmp: unknown key; did you mean 'tpm'?"],
    ['tpm: 2', '11:6: tpm: expected true or false, found the number 2'],
    [
      'watchdog: restet',
      '11:11: watchdog: must be reset or poweroff or shutdown or pause or inject-nmi or none, got "restet"; did you mean reset?',
    ],
    ['watchdog: true', '11:11: watchdog: must be reset or poweroff'],
    [
      'watchdog: { model: i6300es }',
      '11:20: watchdog.model: must be i6300esb or ib700, got "i6300es"; did you mean i6300esb?',
    ],
    ['watchdog: { action: dump }', '11:21: watchdog.action: must be'],
    ['watchdog: { aktion: reset }', "11:13: watchdog.aktion: unknown key; did you mean 'action'?"],
    ['watchdog: { model: ib700 }', '11:20: watchdog.model: ib700 is of machine pc alone'],
    ['iothreads: 0', '11:12: iothreads: must be at least 1, got 0'],
    ['iothreads: 65', '11:12: iothreads: must be at most 64'],
    ['io_threads: 1', "11:1: io_threads: unknown key; did you mean 'iothreads'?"],
    ['secure_boot: true\nfirmware: bios', '11:14: secure_boot: needs UEFI, and firmware says bios'],
    ['secure_boot: true\nmachine: pc', '11:14: secure_boot: needs machine q35, and machine says pc'],
    ['secure_boot: true\nmachine: pc-i440fx-7.2', '11:14: secure_boot: needs machine q35'],
    ['secure_boot: true\narch: aarch64', '11:14: secure_boot: a VM of aarch64 cannot have it'],
    ['fw_cfg: {}', '11:9: fw_cfg: expected a list'],
    ['fw_cfg: [{ name: opt/a }]', '11:10: fw_cfg[0].file: is required (text)'],
    [
      'fw_cfg: [{ name: etc/a, file: /images/a }]',
      '11:18: fw_cfg[0].name: must begin with opt/, such as opt/org.example/config, got "etc/a"',
    ],
    [
      'fw_cfg: [{ name: opt/ovmf/a, file: /images/a }]',
      "11:18: fw_cfg[0].name: must not begin with opt/ovmf/, which is the firmware's own",
    ],
    [
      'fw_cfg: [{ name: opt/org.qemu/a, file: /images/a }]',
      '11:18: fw_cfg[0].name: must not begin with opt/org.qemu/',
    ],
    [
      'fw_cfg: [{ name: "opt/a,file=/etc/shadow", file: /images/a }]',
      '11:18: fw_cfg[0].name: must be parts of letters',
    ],
    ['fw_cfg: [{ name: opt/../a, file: /images/a }]', '11:18: fw_cfg[0].name: must be parts of letters'],
    [
      `fw_cfg: [{ name: opt/${'a'.repeat(52)}, file: /images/a }]`,
      '11:18: fw_cfg[0].name: must have at most 55 characters, got 56',
    ],
    [
      'fw_cfg: [{ name: opt/a, file: "/images/a,b" }]',
      '11:31: fw_cfg[0].file: must not have a comma in it, got "/images/a,b"',
    ],
    [
      'fw_cfg: [{ name: opt/a, file: a.ign }]',
      '11:31: fw_cfg[0].file: must be an absolute path on the hypervisor',
    ],
    [
      'fw_cfg: [{ name: opt/a, file: /images/../etc/shadow }]',
      '11:31: fw_cfg[0].file: must be written without //, . and ..',
    ],
    [
      'fw_cfg: [{ name: opt/a, file: /proc/version }]',
      '11:31: fw_cfg[0].file: must be a file on a disk, not in /proc',
    ],
    [
      'fw_cfg: [{ name: opt/a, file: /i/a }, { name: opt/a, file: /i/b }]',
      '11:47: fw_cfg[1].name: opt/a is already the name of fw_cfg[0]',
    ],
    ['shares: /srv', '11:9: shares: expected a list'],
    ['share: []', "11:1: share: unknown key; did you mean 'shares'?"],
    ['shares: [{ source: /srv/a }]', '11:10: shares[0].tag: is required (text)'],
    [
      'shares: [{ source: /srv/a, tag: a, readonly: true }]',
      "11:36: shares[0].readonly: unknown key; did you mean 'read_only'?",
    ],
    [
      'shares: [{ source: srv/a, tag: a }]',
      '11:20: shares[0].source: must be an absolute path on the hypervisor',
    ],
    [
      'shares: [{ source: /srv/a/, tag: a }]',
      '11:20: shares[0].source: must be written without //, . and .. and a / at its end, as "/srv/a"',
    ],
    ['shares: [{ source: /srv/../etc, tag: a }]', '11:20: shares[0].source: must be written without //'],
    ['shares: [{ source: "/srv/a,b", tag: a }]', '11:20: shares[0].source: must not have a comma in it'],
    [
      'shares: [{ source: "/srv/a\\tb", tag: a }]',
      '11:20: shares[0].source: must not hold control characters',
    ],
    [
      'shares: [{ source: /, tag: a }]',
      '11:20: shares[0].source: "/" holds directories of the system (/bin), which no guest may have',
    ],
    [
      'shares: [{ source: /etc/ssh, tag: a }]',
      `11:20: shares[0].source: "/etc/ssh" is the system's own (/etc), which no guest may have`,
    ],
    [
      'shares: [{ source: /var/lib, tag: a }]',
      '11:20: shares[0].source: "/var/lib" holds directories of the system (/var/lib/dpkg)',
    ],
    [
      'shares: [{ source: /var/lib/libvirt/images, tag: a }]',
      '11:20: shares[0].source: "/var/lib/libvirt/images" is the system\'s own',
    ],
    [
      'shares: [{ source: /home, tag: a }]',
      '11:20: shares[0].source: "/home" holds the directories of all users',
    ],
    ['shares: [{ source: /srv/a, tag: "a b" }]', '11:33: shares[0].tag: must begin with a letter or a digit'],
    [
      `shares: [{ source: /srv/a, tag: ${'a'.repeat(37)} }]`,
      '11:33: shares[0].tag: must have at most 36 characters, got 37',
    ],
    [
      'shares: [{ source: /srv/a, tag: a }, { source: /srv/b, tag: a }]',
      '11:61: shares[1].tag: a is already the tag of shares[0]',
    ],
    [
      'shares: [{ source: /srv/a, tag: a }, { source: /srv/a, tag: b }]',
      '11:48: shares[1].source: is already that of shares[0]',
    ],
    [
      'shares: [{ source: /srv/a, tag: a }, { source: /srv/a/b, tag: b }]',
      '11:48: shares[1].source: overlaps with that of shares[0]: share one of them',
    ],
  ])('is told at its place: %s', (more, words) => {
    const [kind, first, ...others] = said(`${more}\n`);
    expect([kind, others]).toStrictEqual(['validation', []]);
    expect(first).toContain(`vm.yaml:${words}`);
  });

  it.each([
    ['io_limits: {}', '7:14: boot_disk.io_limits: says nothing: give a limit, or leave it out'],
    ['io_limits: 5', '7:14: boot_disk.io_limits: expected a map of keys, found the number 5'],
    ['io_limits: { iops: 5 }', '7:16: boot_disk.io_limits.iops: unknown key'],
    ['io_limits: { read_iops: 0 }', '7:27: boot_disk.io_limits.read_iops: must be at least 1, got 0'],
    [
      'io_limits: { read_mib_per_s: 1.5 }',
      '7:32: boot_disk.io_limits.read_mib_per_s: expected a whole number',
    ],
    [
      'io_limits: { total_iops: 5, read_iops: 4 }',
      '7:28: boot_disk.io_limits.total_iops: read_iops bounds a part of it already; keep the total or its parts',
    ],
    [
      'io_limits: { write_mib_per_s: 5, total_mib_per_s: 4 }',
      '7:53: boot_disk.io_limits.total_mib_per_s: write_mib_per_s bounds a part of it already',
    ],
  ])('of a disk as well: %s', (keys, words) => {
    const [kind, first, ...others] = outcome(withDisk(keys));
    expect([kind, others]).toStrictEqual(['validation', []]);
    expect(first).toContain(`vm.yaml:${words}`);
  });
});
