import { expect, it } from 'vitest';
import { checkUefi } from '../../../../src/vm/doctor/uefi.ts';
import { host, look, machine } from './look.ts';

it.each([
  [['kvm', 'qemu'], 'domainCapabilities of x86_64 q35 kvm'],
  [['qemu'], 'domainCapabilities of x86_64 q35 qemu'],
])('firmware is looked for where VMs run as %j', async (virtTypes, call) => {
  const context = host((hypervisor) => Object.assign(hypervisor, { virtTypes, firmware: ['bios', 'efi'] }));
  expect(await look(checkUefi, context)).toStrictEqual(['ok: UEFI firmware is there']);
  expect(context.hypervisor.calls).toStrictEqual(['capabilities', call]);
});

it.each([[[]], [['bios']]])('of %j there is no UEFI', async (firmware) => {
  const context = host((hypervisor) => Object.assign(hypervisor, { firmware }));
  expect(await look(checkUefi, context)).toStrictEqual([
    'failure: libvirt finds no UEFI firmware, which a VM gets unless its file says firmware: bios → apt install ovmf (Debian, Ubuntu), dnf install edk2-ovmf (Fedora, RHEL) or zypper install qemu-ovmf-x86_64 (openSUSE, SLES)',
  ]);
});

it('a hypervisor of aarch64 is asked for its own, and has no other firmware', async () => {
  const context = host((hypervisor) => Object.assign(hypervisor, { arch: 'aarch64', firmware: [] }));
  expect(await look(checkUefi, context)).toStrictEqual([
    'failure: libvirt finds no UEFI firmware, without which no VM of aarch64 starts → apt install qemu-efi-aarch64 (Debian, Ubuntu), dnf install edk2-aarch64 (Fedora, RHEL) or zypper install qemu-uefi-aarch64 (openSUSE, SLES)',
  ]);
  expect(context.hypervisor.calls).toStrictEqual(['capabilities', 'domainCapabilities of aarch64 virt kvm']);
});

it('on this machine the package of its distribution is told', async () => {
  const context = host((hypervisor) =>
    Object.assign(hypervisor, {
      firmware: [],
      local: machine({ '/usr/lib/os-release': 'ID="opensuse-leap"\nID_LIKE="suse opensuse"' }),
    }),
  );
  expect(await look(checkUefi, context)).toStrictEqual([
    'failure: libvirt finds no UEFI firmware, which a VM gets unless its file says firmware: bios → zypper install qemu-ovmf-x86_64',
  ]);
});

it('without QEMU there is nothing to look for', async () => {
  const context = host((hypervisor) => (hypervisor.virtTypes = []));
  expect(await look(checkUefi, context)).toStrictEqual(['unknown: not checked: there is no QEMU']);
});
