import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import { readCapabilities } from '../../../../src/libvirt-xml/read/capabilities.ts';
import { chooseKind, emulationNote } from '../../../../src/vm/create/choose-kind.ts';
import { planVm } from '../../../../src/vm/create/plan.ts';
import { armCapabilities, withArmGuests } from '../../libvirt-xml/arm-documents.ts';
import { capabilities, DEBIAN_SECMODELS } from '../../libvirt-xml/documents.ts';
import { fullMachine, minimalMachine } from '../../machines.ts';

const KVM = ['qemu', 'kvm'];
const ARM_HOST = armCapabilities(KVM, DEBIAN_SECMODELS);
const ARM_UNDER_EMULATION = armCapabilities(['qemu'], DEBIAN_SECMODELS);
const X86_HOST = capabilities(KVM, DEBIAN_SECMODELS);
const BOTH = withArmGuests(X86_HOST, ['qemu']);

/** As a file says that leaves all of it out. */
const UNSAID = { arch: undefined, machineType: undefined, cpuMode: undefined, firmware: 'uefi' } as const;

function choose(
  host: string,
  changes: Partial<Machine>,
): { readonly kind: unknown; readonly told: readonly string[] } {
  const told: string[] = [];
  const machine = minimalMachine({ ...UNSAID, ...changes });
  const kind = chooseKind(machine, readCapabilities(host), (path, text) =>
    told.push(`${path.join('.')}: ${text}`),
  );
  return { kind, told };
}

describe('a VM is of the architecture of its hypervisor', () => {
  it.each([
    ['of aarch64 with KVM', ARM_HOST, {}, { arch: 'aarch64', virtType: 'kvm' }],
    ['of aarch64 without', ARM_UNDER_EMULATION, {}, { arch: 'aarch64', virtType: 'qemu' }],
    ['of x86_64', BOTH, {}, { arch: 'x86_64', virtType: 'kvm' }],
    [
      'of x86_64, unless the file says another',
      BOTH,
      { arch: 'aarch64' },
      { arch: 'aarch64', virtType: 'qemu' },
    ],
  ] as const)('%s', (_, host, changes, kind) => {
    expect(choose(host, changes)).toStrictEqual({ kind, told: [] });
  });

  it.each([
    [
      X86_HOST,
      { arch: 'aarch64' },
      'arch: this hypervisor has no QEMU that runs aarch64 guests: apt install qemu-system-arm qemu-efi-aarch64 (Debian, Ubuntu), dnf install qemu-system-aarch64 edk2-aarch64 (Fedora, RHEL) or zypper install qemu-arm qemu-uefi-aarch64 (openSUSE, SLES)',
    ],
    [
      BOTH,
      { arch: 'aarch64', virtType: 'kvm' },
      "virt_type: this hypervisor cannot run aarch64 guests as 'kvm'",
    ],
    [
      BOTH,
      { arch: 'aarch64', cpuMode: 'host-passthrough' },
      "cpu_mode: host-passthrough needs KVM, and this VM runs as 'qemu': use maximum",
    ],
    [
      BOTH,
      { machineType: 'virt' },
      "machine: virt is of aarch64, and this VM is of x86_64 (a VM is of its hypervisor's architecture, unless the file says arch)",
    ],
    [
      ARM_HOST,
      { machineType: 'pc-q35-7.2' },
      "machine: pc-q35-7.2 is of x86_64, and this VM is of aarch64 (a VM is of its hypervisor's architecture, unless the file says arch)",
    ],
    [ARM_HOST, { machineType: 'virt-9.9' }, "machine: this hypervisor has no machine type 'virt-9.9'"],
    [
      ARM_HOST,
      { firmware: 'bios' },
      "firmware: a VM of aarch64 has UEFI only (a VM is of its hypervisor's architecture, unless the file says arch)",
    ],
    [
      ARM_HOST,
      { cpuMode: 'host-model' },
      "cpu_mode: a VM of aarch64 cannot have host-model: use host-passthrough with KVM, maximum without (a VM is of its hypervisor's architecture, unless the file says arch)",
    ],
    [ARM_HOST, { vcpus: 513 }, 'vcpus: a virt machine of this hypervisor has at most 512, got 513'],
  ] as const)('%# is told', (host, changes, words) => {
    expect(choose(host, changes).told.map((one) => one.replace(/; did you mean .*$/u, ''))).toStrictEqual([
      words,
    ]);
  });
});

function note(host: string, changes: Partial<Machine>): string | undefined {
  const machine = minimalMachine({ ...UNSAID, ...changes });
  const facts = readCapabilities(host);
  return emulationNote(
    machine,
    chooseKind(machine, facts, () => {}),
    facts,
  );
}

describe('that a VM is emulated', () => {
  it.each([
    [ARM_HOST, {}, undefined],
    [BOTH, {}, undefined],
    [ARM_UNDER_EMULATION, { virtType: 'qemu' }, undefined],
    [
      ARM_UNDER_EMULATION,
      {},
      'this hypervisor offers no KVM: the VM runs under emulation, which is much slower',
    ],
    [
      BOTH,
      { arch: 'aarch64' },
      'this hypervisor is of x86_64: the VM, which is of aarch64, runs under emulation, which is much slower',
    ],
  ] as const)('%# is said where its owner may not think so', (host, changes, words) => {
    expect(note(host, changes)).toBe(words);
  });
});

describe('the plan of a VM on a hypervisor of aarch64', () => {
  const ORIGIN = {
    uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
    createdAt: new Date('2025-01-02T03:04:05Z'),
    version: '0.1.0',
    storagePath: '/images',
  };

  it.each([
    [ARM_HOST, 'kvm', 'host-passthrough'],
    [ARM_UNDER_EMULATION, 'qemu', 'maximum'],
  ])('%# has the devices of that', (host, type, cpuMode) => {
    const machine = fullMachine(UNSAID);
    const facts = readCapabilities(host);
    const kind = chooseKind(machine, facts, (path, text) => expect.fail(`${path.join('.')}: ${text}`));
    const choices = { ...kind, baseImage: { format: 'qcow2' }, qemuUser: facts.qemuUser } as const;
    const { domain, metadata } = planVm(machine, choices, ORIGIN);
    expect(domain.complete).toContain(`<domain type="${type}">`);
    expect(domain.complete).toContain('<type arch="aarch64" machine="virt">hvm</type>');
    expect(domain.complete).toContain('<os firmware="efi">');
    expect(domain.complete).toMatch(/<features>\s*<acpi\/>\s*<\/features>/u);
    expect(domain.complete).toContain(`<cpu mode="${cpuMode}"/>`);
    expect(domain.complete).toContain('<target type="system-serial" port="0"/>');
    expect(domain.complete).toContain('<memballoon model="virtio"/>');
    expect(domain.complete).not.toMatch(/x86_64|q35|isa-serial|apic/u);
    expect(metadata.stored).toMatchObject({ arch: undefined, machineType: 'virt', cpuMode });
  });
});
