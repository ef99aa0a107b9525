import { expect, it } from 'vitest';
import { checkUefi } from '../../../../src/vm/doctor/uefi.ts';
import { host, look } from './look.ts';

it.each([
  [['kvm', 'qemu'], 'domainCapabilities of kvm'],
  [['qemu'], 'domainCapabilities of qemu'],
])('firmware is looked for where VMs run as %j', async (virtTypes, call) => {
  const context = host((hypervisor) => Object.assign(hypervisor, { virtTypes, firmware: ['bios', 'efi'] }));
  expect(await look(checkUefi, context)).toStrictEqual(['ok: UEFI firmware is there']);
  expect(context.hypervisor.calls).toStrictEqual(['capabilities', call]);
});

it.each([[[]], [['bios']]])('of %j there is no UEFI', async (firmware) => {
  const context = host((hypervisor) => Object.assign(hypervisor, { firmware }));
  expect(await look(checkUefi, context)).toStrictEqual([
    'failure: libvirt finds no UEFI firmware, which a VM gets unless its file says firmware: bios → apt install ovmf (Debian, Ubuntu) or dnf install edk2-ovmf (Fedora, RHEL)',
  ]);
});

it('without QEMU there is nothing to look for', async () => {
  const context = host((hypervisor) => (hypervisor.virtTypes = []));
  expect(await look(checkUefi, context)).toStrictEqual(['unknown: not checked: there is no QEMU']);
});
