import { describe, expect, it } from 'vitest';
import { PLOW, useHost, VERSIONS } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

/** A host of the lab has the processor and the disk of the machine that the tests run on, and no KVM. */
const VARYING = /^! kvm {11}.*\n +→ .*$/mu;
const FREE = /\d+\.\d GiB free below/gu;

/** What `plow doctor` prints on a host of the lab. */
function healthy(
  changes: { storage?: string; bridges?: string; space?: string; sums?: string } = {},
): string {
  const {
    storage = `✓ storage-path  ${IMAGES} is a directory, and QEMU's user (uid 64055) may pass through
✓ direct-io     the file system of ${IMAGES} does direct I/O`,
    space = `✓ space         N GiB free below ${IMAGES}`,
    bridges = '✓ bridges       br0 (up0, 10.77.0.11/24), br1 (no port, 10.78.0.1/24)',
    sums = '2 warnings, 2 not checked',
  } = changes;
  return `✓ libvirt       libvirt ${VERSIONS.libvirt}
✓ qemu          QEMU ${VERSIONS.qemu}
! kvm
✓ uefi          UEFI firmware is there
✓ secure-boot   UEFI firmware with Secure Boot is there
✓ tpm           swtpm is there, for VMs with a TPM
✓ virtiofs      virtiofsd is there, for VMs that share directories
✓ hugepages
${storage}
${space}
✓ security      neither SELinux nor AppArmor confines QEMU
${bridges}
✓ addresses     no two VMs have the same MAC address
- shutdown      not checked: systemd does not run here
- clock         not checked: systemd does not run here
! console-log   nothing bounds the logs of consoles, and a guest can fill the disk: /etc/libvirt/qemu.conf has stdio_handler = "file" [console-log-unbounded]
                → write stdio_handler = "logd" there, restart libvirtd, and stop and start the VMs
${sums}
`;
}

/** Without what differs between machines. */
function steady(stdout: string): string {
  expect(stdout).toMatch(VARYING);
  return stdout
    .replace(VARYING, '! kvm')
    .replace(/^[✓-] hugepages .*$/mu, '✓ hugepages')
    .replace(/^(?<qemu>✓ qemu {10}QEMU \d+\.\d+)\.\d+$/mu, '$<qemu>')
    .replaceAll(FREE, 'N GiB free below');
}

function inTerminal(env: Readonly<Record<string, string>>): Promise<{ readonly stdout: string }> {
  const command = `stty columns 60; ${PLOW.join(' ')} doctor`;
  return host().exec(['script', '--quiet', '--return', '--command', command, '/dev/null'], {
    env: { TERM: 'xterm', ...env },
  });
}

interface Report {
  readonly version: number;
  readonly uri: string;
  readonly checks: readonly {
    readonly check: string;
    readonly status: string;
    readonly text: string;
    readonly repair: string | null;
  }[];
}

describe('plow doctor', () => {
  it('finds nothing that keeps a host of the lab from VMs, and leaves nothing on it', async () => {
    const { code, stdout, stderr } = await host().plow(['doctor']);
    expect({ code, stdout: steady(stdout), stderr }).toEqual({ code: 0, stdout: healthy(), stderr: '' });
  });

  it('tells a storage path that is not there, until the command told is run', async () => {
    const path = '/run/my vms';
    const { code, stdout } = await host().plow(['--storage-path', path, 'doctor']);
    const storage = `✗ storage-path  the storage path ${path} does not exist on the hypervisor [storage-path-missing]
                → install -d -m 0711 '${path}'
- direct-io     not checked: no file can be made in ${path} to try it with`;
    const space = `- space         not checked: there is no directory ${path}`;
    const sums = '1 failure, 2 warnings, 4 not checked';
    expect({ code, stdout: steady(stdout) }).toEqual({ code: 5, stdout: healthy({ storage, space, sums }) });
    await host().sh(/→ (?<repair>install .*)$/mu.exec(stdout)?.groups?.['repair'] ?? 'false');
    expect(await host().plow(['--storage-path', path, 'doctor'])).toMatchObject({ code: 0 });
    await host().sh(`rmdir '${path}'`);
  });

  it('tells bridges that are down, and disks that may grow beyond what there is', async () => {
    const disks = { data_disks: [{ device: 'vdb', size_gb: 100_000 }] };
    await host().given(vm(disks));
    await host().sh('ip link set br1 down');
    const { code, stdout } = await host().plow(['doctor']);
    await host().virsh('destroy web');
    const stopped = await host().plow(['doctor']);
    await host().sh('ip link set br1 up');
    await host().plow(['destroy', 'web']);
    const growth =
      /^! space {9}the 2 disks of 1 VM below \S+ may grow by (?<gib>\d+\.\d) GiB, and \d+\.\d GiB are free: guests pause when it is full \[space-overcommitted\]$/mu;
    // The boot disk and the data disk, less some KiB that they have already: alike for a VM that runs and one
    // that does not.
    for (const report of [stdout, stopped.stdout])
      expect(growth.exec(report)?.groups?.['gib']).toBe('100001.0');
    expect(stdout).toContain(`→ du -xhd1 ${IMAGES} shows what takes the room\n`);
    expect(stdout).toContain(`✓ bridges       br0 (up0, 10.77.0.11/24)
! bridges       bridge 'br1' is down, and a VM on it reaches nothing [bridge-down]
                → ip link set br1 up\n`);
    expect({ code, sums: stdout.trimEnd().split('\n').at(-1) }).toEqual({
      code: 0,
      sums: '4 warnings, 2 not checked',
    });
  });

  it('looks at a hypervisor elsewhere as far as libvirt tells, and prints one JSON document', async () => {
    const uri = 'qemu+unix:///system?socket=/run/libvirt/libvirt-sock';
    const { code, stdout, stderr } = await host().plow(['-c', uri, 'doctor', '-o', 'json']);
    const report = JSON.parse(stdout) as Report;
    expect({ code, stderr, version: report.version, uri: report.uri }).toEqual({
      code: 0,
      stderr: '',
      version: 1,
      uri,
    });
    expect(report.checks.map(({ check, status }) => `${check} ${status}`)).toEqual([
      'libvirt ok',
      'qemu ok',
      'kvm warning',
      'uefi ok',
      'secure-boot ok',
      'tpm ok',
      'virtiofs unknown',
      'hugepages ok',
      'storage-path ok',
      'direct-io unknown',
      'space ok',
      'security ok',
      'bridges ok',
      'addresses ok',
      'shutdown unknown',
      'clock unknown',
      'console-log unknown',
    ]);
    expect(report.checks[0]).toEqual({
      check: 'libvirt',
      status: 'ok',
      code: null,
      text: `libvirt ${VERSIONS.libvirt}`,
      repair: null,
      ignored: null,
      ignore_ended: null,
    });
    expect(report.checks[12]?.text).toBe('br0 (up0), br1 (no port)');
  });

  it('without UEFI firmware ends with 2', async () => {
    const hidden = '/usr/share/qemu/firmware';
    await host().sh(`mkdir /run/empty; mount --bind /run/empty ${hidden}`);
    const without = await host().plow(['doctor']);
    await host().sh(`umount ${hidden}; rmdir /run/empty`);
    expect(without).toMatchObject({ code: 2, stderr: '' });
    expect(without.stdout).toContain(
      '✗ uefi          libvirt finds no UEFI firmware, which a VM gets unless its file says firmware: bios [uefi-missing]\n',
    );
  });

  it('with a libvirtd that is down ends with 3, and prints nothing to stdout', async () => {
    await host().libvirtd('stop');
    await host().sh('while [ -e /run/libvirt/libvirt-sock ]; do sleep 0.02; done');
    const result = await host().plow(['doctor', '-o', 'json']);
    await host().libvirtd('start');
    await host().virsh('uri');
    expect(result).toMatchObject({ code: 3, stdout: '' });
    expect(JSON.parse(result.stderr)).toMatchObject({
      error: {
        kind: 'connection',
        message: 'cannot connect to qemu:///system: libvirtd is not running',
        exit_code: 3,
      },
    });
  });

  it('in a terminal has colours, wraps, and leaves out both for NO_COLOR and a pipe', async () => {
    const ESC = '\u001B';
    const { stdout } = await inTerminal({});
    expect(stdout).toContain(`${ESC}[32m✓${ESC}[39m uefi          UEFI firmware is there\r\n`);
    expect(stdout).toContain(
      `${IMAGES} is a directory, and\r\n                QEMU's user (uid 64055) may pass through\r\n`,
    );
    expect((await inTerminal({ NO_COLOR: '1' })).stdout).not.toContain(ESC);
  });
});
