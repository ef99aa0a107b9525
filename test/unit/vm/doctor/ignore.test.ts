import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { DOCTOR_CODE_NAMES, DOCTOR_CODES } from '../../../../src/config/values/doctor-codes.ts';
import { verdict } from '../../../../src/vm/doctor/examine.ts';
import type { CheckResult } from '../../../../src/vm/doctor/finding.ts';
import { withIgnores } from '../../../../src/vm/doctor/ignore/ignore.ts';
import { doctorLines, PLAIN_MARKS } from '../../../../src/views/doctor/report.ts';

const NOW = new Date('2027-01-31T23:59:59Z');
const CLOSED: CheckResult = {
  check: 'kvm',
  status: 'failure',
  code: 'kvm-missing',
  text: 'no KVM',
  repair: 'buy one',
};

function ignoring(until: string | undefined, reason?: string): readonly CheckResult[] {
  return withIgnores([CLOSED], [{ code: 'kvm-missing', until, reason }], NOW);
}

describe('the codes of doctor', () => {
  it('stay as they are: settings and programs hold them', () => {
    expect(DOCTOR_CODE_NAMES).toStrictEqual([
      'libvirt-too-old',
      'qemu-missing',
      'kvm-missing',
      'uefi-missing',
      'secure-boot-missing',
      'tpm-missing',
      'virtiofsd-missing',
      'hugepages-unusable',
      'storage-path-missing',
      'storage-path-closed',
      'storage-path-not-made',
      'storage-path-impassable',
      'storage-path-open',
      'vm-directories-open',
      'direct-io-missing',
      'space-overcommitted',
      'apparmor-denies-path',
      'selinux-denies-nfs',
      'selinux-label',
      'bridge-missing',
      'bridge-down',
      'bridge-not-allowed',
      'mac-address-shared',
      'shutdown-hard',
      'clock-not-synchronised',
      'console-log-unbounded',
      'forwarding-off',
      'hook-missing',
      'hook-closed',
      'hook-changed',
      'route-missing',
      'guard-missing',
      'tap-open',
      'tap-stray',
      'address-outside-prefixes',
      'network-file-wrong',
      'bird-down',
      'bgp-session-down',
      'not-announced',
      'announced-wrongly',
      'drained',
      'daemon-down',
      'check-failed',
    ]);
  });

  it('stand in docs/doctor.md, each with its sentence', async () => {
    const page = await readFile(new URL('../../../../docs/doctor.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(?<code>[a-z-]+)` +\| (?<about>.*?) +\|$/gmu)].map(
      ({ groups }) => [groups?.['code'], groups?.['about']] as const,
    );
    expect(rows).toStrictEqual(Object.entries(DOCTOR_CODES));
  });
});

describe('a complaint that is ignored', () => {
  it('counts for nothing until the end of its last day, and is told all the same', () => {
    const results = ignoring('2027-01-31', 'it is on order');
    expect(verdict(results)).toBeUndefined();
    expect(doctorLines(results, PLAIN_MARKS, undefined)).toStrictEqual([
      '~ kvm  no KVM [kvm-missing]',
      '       → buy one',
      '       ignored until 2027-01-31: it is on order',
      'nothing to repair, 1 ignored',
    ]);
  });

  it('counts again the day after, and says so', () => {
    const results = ignoring('2027-01-30');
    expect(verdict(results)).toBe('validation');
    expect(doctorLines(results, PLAIN_MARKS, undefined)).toStrictEqual([
      '✗ kvm  no KVM [kvm-missing]',
      '       → buy one',
      '       it was ignored until 2027-01-30, and counts again',
      '1 failure',
    ]);
  });

  it('may be ignored this once', () => {
    expect(doctorLines(ignoring(undefined), PLAIN_MARKS, undefined)[2]).toBe('       ignored by --ignore');
  });

  it('of two ends has the later one', () => {
    const both = ['2027-01-30', '2027-03-01'].map((until) => ({
      code: 'kvm-missing' as const,
      until,
      reason: undefined,
    }));
    expect(withIgnores([CLOSED], both, NOW)[0]).toMatchObject({ ignored: { until: '2027-03-01' } });
  });

  it('is none where all is well', () => {
    const well = [{ check: 'kvm', status: 'ok', text: 'KVM is there' }] as const;
    expect(
      withIgnores(well, [{ code: 'kvm-missing', until: undefined, reason: undefined }], NOW),
    ).toStrictEqual(well);
  });
});
