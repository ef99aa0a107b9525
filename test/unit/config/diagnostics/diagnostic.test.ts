import { describe, expect, it } from 'vitest';

import { checkText } from '../../../../src/config/vm-file/check.ts';
import type { Diagnostic } from '../../../../src/config/diagnostics/diagnostic.ts';
import { changed, SMALLEST } from '../sample.ts';

const DEFAULTS = { virtType: undefined };

function complaintsOf(text: string): readonly Diagnostic[] {
  return checkText('vm.yaml', text, DEFAULTS).diagnostics;
}

/** The line of each diagnostic, with « and » around what is meant. */
function marked(text: string): readonly string[] {
  return complaintsOf(text).map(({ spot }) => {
    if (spot === undefined) {
      return '';
    }
    const { text: line, from, to } = spot.excerpt;
    return `${spot.line}:${spot.column}-${spot.endColumn} ${line.slice(0, from)}«${line.slice(from, to)}»${line.slice(to)}`;
  });
}

describe('a diagnostic', () => {
  it('says everything about a misspelt key', () => {
    expect(complaintsOf(changed('vcpus', 'vcpu'))).toStrictEqual([
      {
        file: 'vm.yaml',
        severity: 'error',
        key: 'vcpu',
        text: "unknown key; did you mean 'vcpus'?",
        suggestion: 'vcpus',
        spot: { line: 2, column: 1, endColumn: 5, excerpt: { text: 'vcpu: 2', from: 0, to: 4 } },
      },
    ]);
  });

  it('is a warning about what is odd', () => {
    expect(complaintsOf(changed('gateway: 10.0.0.1', 'gateway: 10.9.0.1'))).toStrictEqual([
      {
        file: 'vm.yaml',
        severity: 'warning',
        key: 'network_interfaces[0].gateway',
        text: '10.9.0.1 is outside 10.0.0.2/24; it will be used as an on-link gateway',
        spot: {
          line: 9,
          column: 14,
          endColumn: 22,
          excerpt: { text: '    gateway: 10.9.0.1', from: 13, to: 21 },
        },
      },
    ]);
  });

  it.each([
    ['firmware: efi', 'uefi'],
    ['firmware: BIOS', 'bios'],
    ['cpu_mode: host_modl', 'host-model'],
    ['cpu_mode: HostModel', 'host-model'],
    ['cpu_mode: native', undefined],
    ['virt_type: KVM', 'kvm'],
    ['autostart: yes', 'true'],
    ['autostart: "Off"', 'false'],
    ['autostart: constructor', undefined],
    ['autostart: 1', undefined],
    ['firmwares: uefi', 'firmware'],
    ['boot-disk: {}', undefined],
  ])('about %s suggests %s', (line, suggestion) => {
    expect(complaintsOf(SMALLEST + line).map((diagnostic) => diagnostic.suggestion)).toStrictEqual([
      suggestion,
    ]);
  });
});

describe('the line of a diagnostic', () => {
  it.each([
    ['a value', changed('my-vm', 'x y'), '1:7-10 name: «x y»'],
    ['a value in quotes', changed('my-vm', '"x y" # why'), '1:7-12 name: «"x y"» # why'],
    ['an unknown key', `${SMALLEST}cats: 9`, '11:1-5 «cats»: 9'],
    ['an unknown key in quotes', `${SMALLEST}"cats": 9`, '11:1-7 «"cats"»: 9'],
    ['a key that holds too little', changed('  size_gb: 10\n', ''), '4:1-10 «boot_disk»:'],
    ['the beginning of a file that has too little', changed('vcpus: 2\n', ''), '1:1-2 «»name: my-vm'],
    ['a value that is absent', changed('my-vm', ''), '1:7-8 name: «»'],
    ['a list', changed('vcpus: 2', 'vcpus: [1, 2]'), '2:8-14 vcpus: «[1, 2]»'],
    ['the first line of a map', changed('vcpus: 2', 'vcpus:\n  a: 1\n  b: 2'), '3:3-7   «a: 1»'],
    ['an alias', changed('vcpus: 2', 'vcpus: *n').replace('my-vm', '&n my-vm'), '2:8-10 vcpus: «*n»'],
    ['a block of text', changed('my-vm', '|\n  x y\n  z'), '1:7-8 name: «|»'],
    ['behind a byte order mark', `\uFEFF${changed('my-vm', 'x y')}`, '1:7-10 name: «x y»'],
    ['before CR LF', changed('my-vm', 'x y').replaceAll('\n', '\r\n'), '1:7-10 name: «x y»'],
    ['a key that is there twice', `${SMALLEST}name: b`, '11:1-5 «name»: b'],
    ['a key that is no text', `${SMALLEST}[a]: b`, '11:1-4 «[a]»: b'],
    ['an alias without an anchor', `${SMALLEST}firmware: *a`, '11:11-13 firmware: «*a»'],
    ['no YAML', `${SMALLEST}firmware: @a`, '11:11-12 firmware: «@»a'],
    ['a quote that is not closed', `${SMALLEST}firmware: "a`, '11:11-12 firmware: «"»a'],
    ['the end of a file', `${SMALLEST}firmware: [a`, '11:13-14 firmware: [a«»'],
    ['an empty file', '', '1:1-2 «»'],
  ])('shows %s', (_, text, line) => {
    expect(marked(text)).toStrictEqual([line]);
  });

  it('is cut where it is longer than any terminal', () => {
    const [line = ''] = marked(changed('my-vm', `[${'a, '.repeat(500)}]\n${' '.repeat(1000)}# far away`));
    expect(line).toBe(`1:7-1509 name: «[${'a, '.repeat(133)}»…`);
  });
});
