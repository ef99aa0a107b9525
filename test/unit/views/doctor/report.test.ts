import { describe, expect, it } from 'vitest';
import { COLOURED_MARKS } from '../../../../src/views/doctor/marks.ts';
import { doctorLines, PLAIN_MARKS } from '../../../../src/views/doctor/report.ts';
import { doctorDocument } from '../../../../src/views/doctor/document.ts';
import type { Status } from '../../../../src/vm/doctor/check-names.ts';
import type { CheckResult } from '../../../../src/vm/doctor/finding.ts';

const RESULTS: readonly CheckResult[] = [
  { check: 'libvirt', status: 'ok', text: 'libvirt 9.0.0' },
  {
    check: 'kvm',
    status: 'warning',
    code: 'kvm-missing',
    text: 'no /dev/kvm: virtualization is off in the firmware, or the processor has none',
    repair: 'switch VT-x (Intel) or SVM (AMD) on in the firmware setup',
  },
  {
    check: 'storage-path',
    status: 'failure',
    code: 'storage-path-missing',
    text: 'the storage path /srv/vms does not exist on the hypervisor',
    repair: 'install -d -m 0711 /srv/vms',
  },
  { check: 'clock', status: 'unknown', text: 'not checked: systemd does not run here' },
];

const asText = (results: readonly CheckResult[], width?: number): string =>
  `\n${doctorLines(results, PLAIN_MARKS, width).join('\n')}\n`;

const one = (text: string, width: number): readonly string[] =>
  doctorLines([{ check: 'kvm', status: 'ok', text }], PLAIN_MARKS, width);

describe('the report for people', () => {
  it('in a pipe has no line that is wrapped or cut', () => {
    expect(asText(RESULTS)).toBe(`
✓ libvirt       libvirt 9.0.0
! kvm           no /dev/kvm: virtualization is off in the firmware, or the processor has none [kvm-missing]
                → switch VT-x (Intel) or SVM (AMD) on in the firmware setup
✗ storage-path  the storage path /srv/vms does not exist on the hypervisor [storage-path-missing]
                → install -d -m 0711 /srv/vms
- clock         not checked: systemd does not run here
1 failure, 1 warning, 1 not checked
`);
  });

  it('in a terminal is wrapped between words', () => {
    expect(asText(RESULTS, 60)).toBe(`
✓ libvirt       libvirt 9.0.0
! kvm           no /dev/kvm: virtualization is off in the
                firmware, or the processor has none
                [kvm-missing]
                → switch VT-x (Intel) or SVM (AMD) on in
                  the firmware setup
✗ storage-path  the storage path /srv/vms does not exist on
                the hypervisor [storage-path-missing]
                → install -d -m 0711 /srv/vms
- clock         not checked: systemd does not run here
1 failure, 1 warning, 1 not checked
`);
  });

  it.each([0, 20, 35])('in a terminal of %d columns leaves the wrapping to it', (width) => {
    expect(asText(RESULTS, width)).toBe(asText(RESULTS));
  });

  it('wraps to the very last column, and never inside a word', () => {
    expect(one('aaaaaaaaa bbbbbbbbbb c', 27)).toStrictEqual([
      '✓ kvm  aaaaaaaaa bbbbbbbbbb',
      '       c',
      'nothing to repair',
    ]);
    expect(one(`a ${'b'.repeat(30)} c`, 27)).toStrictEqual([
      '✓ kvm  a',
      `       ${'b'.repeat(30)}`,
      '       c',
      'nothing to repair',
    ]);
  });

  it('goes on with what repairs it as a shell does, and parts nothing in quotes', () => {
    const results: CheckResult[] = [
      {
        check: 'kvm',
        status: 'failure',
        text: 'no',
        repair: "modprobe kvm_intel && chmod 711 '/a b c d e f'",
      },
    ];
    expect(doctorLines(results, PLAIN_MARKS, 32)).toStrictEqual([
      '✗ kvm  no',
      '       → modprobe kvm_intel && \\',
      '         chmod 711 \\',
      "         '/a b c d e f'",
      '1 failure',
    ]);
    expect(doctorLines(results, PLAIN_MARKS, undefined)[1]).toContain("&& chmod 711 '/a b c d e f'");
  });

  it('has coloured marks of the same width', () => {
    const ESC = '\u001B';
    const [line] = doctorLines(RESULTS, COLOURED_MARKS, undefined);
    expect(line).toBe(`${ESC}[32m✓${ESC}[39m libvirt       libvirt 9.0.0`);
    expect(COLOURED_MARKS.failure).toBe(`${ESC}[31m✗${ESC}[39m`);
  });

  it.each<[readonly Status[], string]>([
    [['ok'], 'nothing to repair'],
    [['ok', 'unknown', 'unknown'], 'nothing to repair, 2 not checked'],
    [['warning', 'warning'], '2 warnings'],
    [['failure', 'warning', 'ok'], '1 failure, 1 warning'],
    [['failure', 'failure', 'unknown'], '2 failures, 1 not checked'],
  ])('sums up %j', (statuses, sums) => {
    const results = statuses.map((status): CheckResult => ({ check: 'kvm', status, text: 'words' }));
    expect(doctorLines(results, PLAIN_MARKS, undefined).at(-1)).toBe(sums);
  });

  it('lets no foreign text touch the terminal', () => {
    const results: CheckResult[] = [
      {
        check: 'bridges',
        status: 'warning',
        text: 'br\u001B[2J\u009B2J\n✓ kvm',
        repair: 'ip link set \u202Ebr up',
      },
    ];
    expect(doctorLines(results, PLAIN_MARKS, undefined)).toStrictEqual([
      '! bridges  br\uFFFD[2J\uFFFD2J\uFFFD✓ kvm',
      '           → ip link set \uFFFDbr up',
      '1 warning',
    ]);
  });
});

/** What a check has that nobody ignores. */
const BARE = { code: null, ignored: null, ignore_ended: null };

describe('the report for programs', () => {
  it('has the same keys in every check', () => {
    expect(doctorDocument('qemu:///system', RESULTS)).toStrictEqual({
      uri: 'qemu:///system',
      checks: [
        { check: 'libvirt', status: 'ok', text: 'libvirt 9.0.0', repair: null, ...BARE },
        {
          check: 'kvm',
          status: 'warning',
          text: 'no /dev/kvm: virtualization is off in the firmware, or the processor has none',
          repair: 'switch VT-x (Intel) or SVM (AMD) on in the firmware setup',
          ...BARE,
          code: 'kvm-missing',
        },
        {
          check: 'storage-path',
          status: 'failure',
          text: 'the storage path /srv/vms does not exist on the hypervisor',
          repair: 'install -d -m 0711 /srv/vms',
          ...BARE,
          code: 'storage-path-missing',
        },
        {
          check: 'clock',
          status: 'unknown',
          text: 'not checked: systemd does not run here',
          repair: null,
          ...BARE,
        },
      ],
    });
  });
});
