import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { checkLibvirt, checkQemu } from '../../../../src/vm/doctor/versions.ts';
import { host, look } from './look.ts';

it.each([
  [9_000_000, 'ok: libvirt 9.0.0'],
  [7_002_000, 'ok: libvirt 7.2.0'],
  [10_010_012, 'ok: libvirt 10.10.12'],
  [
    7_001_999,
    'failure: libvirt 7.1.999 is too old: plow needs 7.2.0 or later → upgrade the hypervisor: Debian 12, Ubuntu 22.04, RHEL 9 and later have it',
  ],
])('libvirt %d is told as "%s"', async (libvirt, found) => {
  const context = host((hypervisor) => Object.assign(hypervisor.versions, { libvirt }));
  expect(await look(checkLibvirt, context)).toStrictEqual([found]);
});

it.each(['README.md', 'docs/getting-started.md'])('%s names the oldest libvirt as well', async (page) => {
  expect(await readFile(new URL(`../../../../${page}`, import.meta.url), 'utf8')).toContain(
    'libvirt 7.2 or later',
  );
});

it('QEMU is told with its version', async () => {
  expect(await look(checkQemu, host())).toStrictEqual(['ok: QEMU 7.2.22']);
});

it('a hypervisor without QEMU is not asked for its version', async () => {
  const context = host((hypervisor) => (hypervisor.virtTypes = []));
  expect(await look(checkQemu, context)).toStrictEqual([
    'failure: libvirt finds no QEMU that runs x86_64 guests → apt install qemu-system-x86 (Debian, Ubuntu), dnf install qemu-kvm (Fedora, RHEL) or zypper install qemu-x86 (openSUSE, SLES)',
  ]);
  expect(context.hypervisor.calls).toStrictEqual(['capabilities']);
});

it('a hypervisor of aarch64 lacks another package', async () => {
  const context = host((hypervisor) => Object.assign(hypervisor, { arch: 'aarch64', virtTypes: [] }));
  expect(await look(checkQemu, context)).toStrictEqual([
    'failure: libvirt finds no QEMU that runs aarch64 guests → apt install qemu-system-arm (Debian, Ubuntu), dnf install qemu-kvm (Fedora, RHEL) or zypper install qemu-arm (openSUSE, SLES)',
  ]);
});
