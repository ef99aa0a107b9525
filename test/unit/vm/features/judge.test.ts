import { describe, expect, it } from 'vitest';
import { HypervisorError } from '../../../../src/errors/hypervisor-error.ts';
import { AskedOnce, judgeAll, judgeOne } from '../../../../src/vm/features/ask.ts';
import { judge, refusal } from '../../../../src/vm/features/judge.ts';
import { FEATURE_NAMES } from '../../../../src/vm/features/table.ts';
import { testContext } from '../context.ts';

/** As far as it matters: what libvirt 9.0 and QEMU 7.2 tell of a VM that runs under emulation. */
const EMULATED = {
  firmware: ['efi'],
  cpuModes: new Map([
    ['host-passthrough', false],
    ['maximum', true],
    ['host-model', true],
  ]),
  hasSecureFirmware: true,
  hasEmulatedTpm: false,
  hasVirtiofs: true,
  hasVnc: false,
};

describe('a feature', () => {
  it('is called for good as it is called now', () => {
    expect(FEATURE_NAMES).toStrictEqual([
      'kvm',
      'uefi',
      'secure-boot-off',
      'secure-boot',
      'tpm',
      'virtiofs',
      'virtiofs-read-only',
      'vnc',
      'cpu-host-model',
      'cpu-host-passthrough',
      'cpu-maximum',
      'cpu-custom',
      'bridge-list',
      'bridge-vlan',
      'grow-only',
      'long-chains',
      'external-revert',
      'internal-revert',
    ]);
  });

  it.each([
    ['secure-boot-off', 7_001_000, false],
    ['secure-boot-off', 7_002_000, true],
    ['virtiofs-read-only', 10_010_000, false],
    ['virtiofs-read-only', 11_000_000, true],
    ['grow-only', 12_002_000, false],
    ['grow-only', 12_003_000, true],
    ['long-chains', 10_007_000, true],
    ['long-chains', 10_008_000, false],
    ['long-chains', 11_010_000, false],
    ['long-chains', 12_000_000, true],
    ['internal-revert', 9_000_000, true],
    ['internal-revert', 11_002_000, false],
    ['internal-revert', 11_003_000, false],
    ['internal-revert', 11_004_000, true],
  ] as const)('%s of libvirt %d: %j', (name, libvirt, has) => {
    expect(judge(name, { libvirt }).has).toBe(has);
  });

  it.each([
    ['uefi', true],
    ['secure-boot', true],
    ['tpm', false],
    ['virtiofs', true],
    ['vnc', false],
    ['cpu-host-model', true],
    ['cpu-host-passthrough', false],
    ['cpu-maximum', true],
  ] as const)('%s of a VM under emulation: %j', (name, has) => {
    expect(judge(name, { ofDomains: EMULATED, runsAs: 'qemu' }).has).toBe(has);
  });

  it('that is told by nobody is neither there nor missing', () => {
    for (const name of FEATURE_NAMES) expect(judge(name, {}).has).toBeUndefined();
  });

  it('a passthrough needs KVM, which nobody has to tell', () => {
    expect(judge('cpu-host-passthrough', { runsAs: 'qemu' }).has).toBe(false);
    expect(judge('cpu-host-passthrough', { runsAs: 'kvm' }).has).toBeUndefined();
  });

  it('a mode that an old libvirt does not know is not there', () => {
    const ofDomains = { ...EMULATED, firmware: [], cpuModes: new Map([['host-model', true]]) };
    expect(judge('cpu-maximum', { ofDomains, runsAs: 'kvm' }).has).toBe(false);
  });

  it('is refused in a sentence that says why, and what to do', () => {
    expect(refusal(judge('uefi', { ofDomains: { ...EMULATED, firmware: [] }, runsAs: 'kvm' }))).toBe(
      'this hypervisor has no UEFI firmware (its domain capabilities of kvm do not list it): use firmware: bios, or there apt install ovmf (Debian, Ubuntu), dnf install edk2-ovmf (Fedora, RHEL) or zypper install qemu-ovmf-x86_64 (openSUSE, SLES)',
    );
    expect(refusal(judge('secure-boot-off', { libvirt: 7_001_000 }))).toBe(
      'this hypervisor has no UEFI firmware without Secure Boot (libvirt 7.1.0; 7.2.0 and later have it): use firmware: bios',
    );
  });
});

const KVM = { arch: 'x86_64', machineType: 'q35', virtType: 'kvm' } as const;

describe('a hypervisor', () => {
  it('is asked each question once, and no more than decides', async () => {
    const { hypervisor } = testContext();
    const source = new AskedOnce(hypervisor);
    await judgeAll(FEATURE_NAMES, source, KVM);
    await judgeAll(FEATURE_NAMES, source, KVM);
    expect(hypervisor.calls).toStrictEqual([
      'capabilities',
      'libvirtVersion',
      'domainCapabilities of x86_64 q35 kvm',
      'listInterfaces',
    ]);
  });

  it('for one that a version decides is asked for that alone', async () => {
    const { hypervisor } = testContext();
    expect(await judgeOne('grow-only', hypervisor)).toMatchObject({ has: false });
    expect(hypervisor.calls).toStrictEqual(['libvirtVersion']);
  });

  it('that may not tell leaves it open', async () => {
    const { hypervisor } = testContext();
    hypervisor.fault = (call) => (call.startsWith('domainCapabilities') ? 'forbidden' : undefined);
    const [uefi] = await judgeAll(['uefi'], hypervisor, KVM);
    expect(uefi).toMatchObject({
      has: undefined,
      why: 'libvirt does not tell its domain capabilities of kvm',
    });
  });

  it.each([
    ['unsupported', false],
    ['forbidden', undefined],
  ] as const)('that lists no interfaces, as it says %s: %j', async (reason, has) => {
    const { hypervisor } = testContext();
    hypervisor.listInterfaces = () =>
      Promise.reject(
        new HypervisorError('no', { reason, call: 'virConnectListAllInterfaces', code: 3, domain: 0 }),
      );
    expect((await judgeOne('bridge-list', hypervisor)).has).toBe(has);
  });
});
