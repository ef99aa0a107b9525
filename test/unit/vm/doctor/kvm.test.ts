import { expect, it } from 'vitest';
import { checkKvm } from '../../../../src/vm/doctor/kvm.ts';
import type { LocalFacts } from '../../../../src/hypervisor/local.ts';
import { host, look, machine } from './look.ts';

const SLOW = 'VMs run under emulation, which is much slower';

function processor(vendor: string, flags: string): LocalFacts {
  const text = `processor\t: 0\nvendor_id\t: ${vendor}\nflags\t\t: fpu ${flags}\n\nprocessor\t: 1\n`;
  return machine({ '/proc/cpuinfo': text });
}

it('KVM that libvirt offers is well, whatever the machine says', async () => {
  expect(
    await look(
      checkKvm,
      host((hypervisor) => (hypervisor.local = machine({}))),
    ),
  ).toStrictEqual(['ok: KVM is there']);
});

it.each<[string, LocalFacts | undefined, string]>([
  [
    'on another machine',
    undefined,
    `libvirt offers no KVM; ${SLOW} → modprobe kvm_intel or modprobe kvm_amd, then systemctl restart libvirtd (or virtqemud)`,
  ],
  [
    'though its device is there',
    machine({ '/dev/kvm': '' }),
    `libvirt offers no KVM, though /dev/kvm is there (it looked before, or may not open it); ${SLOW} → systemctl restart libvirtd`,
  ],
  [
    'though its device is there, where the daemons are modular',
    machine({ '/dev/kvm': '', '/run/libvirt/virtqemud-sock': '' }),
    `libvirt offers no KVM, though /dev/kvm is there (it looked before, or may not open it); ${SLOW} → systemctl restart virtqemud`,
  ],
  [
    'on an Intel processor without the module',
    processor('GenuineIntel', 'vmx smx'),
    `no /dev/kvm, and the processor has virtualization (off in the firmware, if the command is refused); ${SLOW} → modprobe kvm_intel && systemctl restart libvirtd`,
  ],
  [
    'on an AMD processor without the module',
    processor('AuthenticAMD', 'hypervisor svm'),
    `no /dev/kvm, and the processor has virtualization (off in the firmware, if the command is refused); ${SLOW} → modprobe kvm_amd && systemctl restart libvirtd`,
  ],
  [
    'in a VM',
    processor('GenuineIntel', 'hypervisor'),
    `no /dev/kvm: this machine is itself a VM, which gets no virtualization from its host; ${SLOW} → on its host: modprobe -r kvm_intel && modprobe kvm_intel nested=1, and CPU mode host-passthrough for this VM`,
  ],
  [
    'in a VM on an AMD processor',
    processor('AuthenticAMD', 'hypervisor'),
    `no /dev/kvm: this machine is itself a VM, which gets no virtualization from its host; ${SLOW} → on its host: modprobe -r kvm_amd && modprobe kvm_amd nested=1, and CPU mode host-passthrough for this VM`,
  ],
  [
    'on a processor that shows no virtualization',
    processor('GenuineIntel', 'vmx-like'),
    `no /dev/kvm: virtualization is off in the firmware, or the processor has none; ${SLOW} → switch VT-x (Intel) or SVM (AMD) on in the firmware setup`,
  ],
  [
    'where the processor is not known',
    machine({}),
    `libvirt offers no KVM; ${SLOW} → modprobe kvm_intel or modprobe kvm_amd, then systemctl restart libvirtd`,
  ],
])('no KVM %s is a warning', async (_, local, found) => {
  const context = host((hypervisor) => Object.assign(hypervisor, { local, virtTypes: ['qemu'] }));
  expect(await look(checkKvm, context)).toStrictEqual([`warning: ${found}`]);
});

it.each<[string, LocalFacts | undefined, string]>([
  [
    'on another machine',
    undefined,
    `libvirt offers no KVM; ${SLOW} → dmesg | grep -i kvm tells why; then systemctl restart libvirtd (or virtqemud)`,
  ],
  [
    'though its device is there',
    machine({ '/dev/kvm': '' }),
    `libvirt offers no KVM, though /dev/kvm is there (it looked before, or may not open it); ${SLOW} → systemctl restart libvirtd`,
  ],
  [
    'without its device',
    machine({
      '/proc/cpuinfo': 'processor\t: 0\nFeatures\t: fp asimd evtstrm aes\nCPU implementer\t: 0x41\n',
    }),
    `no /dev/kvm: the kernel was not started in hypervisor mode (EL2), as in most VMs, or has no KVM; ${SLOW} → dmesg | grep -i kvm tells why`,
  ],
])('no KVM of aarch64 %s says nothing of Intel and AMD', async (_, local, found) => {
  const facts = { local, arch: 'aarch64', virtTypes: ['qemu'] } as const;
  const context = host((hypervisor) => Object.assign(hypervisor, facts));
  expect(await look(checkKvm, context)).toStrictEqual([`warning: ${found}`]);
});
