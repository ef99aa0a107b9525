import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkText } from '../../../../src/config/vm-file/check.ts';
import { newVmText } from '../../../../src/views/new/vm-file.ts';
import type { NewVm } from '../../../../src/views/new/vm-file.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA';
const WEB: NewVm = {
  name: 'web',
  image: 'debian-12',
  vcpus: '2',
  memory: '2',
  disk: '20',
  bridge: 'br0',
  ip: '10.0.0.2/24',
  gateway: '10.0.0.1',
  keys: [KEY],
  guest: 'cloud-init',
};
/** What a terminal acts on, or hides. */
const ACTIVE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

const octet = fc.integer({ min: 1, max: 254 });
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\n- x', '\u001b[2J', '\u202e'),
);
const vms: fc.Arbitrary<NewVm> = fc.record({
  name: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}[a-z0-9]$/u),
  image: fc.oneof(
    fc.constantFrom('debian-12', './a b.qcow2', 'null'),
    fc
      .string()
      .filter((word) => !/[/\p{C}]/u.test(word) && /[^.]/u.test(word))
      .map((word) => `/images/${word}x`),
  ),
  vcpus: fc.integer({ min: 1, max: 4096 }).map(String),
  memory: fc.constantFrom('1', '1.5', '0.25', '64'),
  disk: fc.integer({ min: 1, max: 4096 }).map(String),
  bridge: fc.constantFrom('br0', '0x10', '1e3', 'no', '_-.'),
  ip: fc.tuple(octet, octet).map(([third, last]) => `10.0.${third}.${last}/24`),
  gateway: octet.map((last) => `10.0.0.${last}`),
  dns: fc.constantFrom(undefined, '', '9.9.9.9', '9.9.9.9, 1.1.1.1'),
  user: fc.constantFrom(undefined, 'root', 'core', 'admin', 'y'),
  keys: fc.array(
    fc
      .string()
      .filter((word) => !/\p{C}/u.test(word))
      .map((comment) => `${KEY} ${comment}`),
    { maxLength: 3 },
  ),
  guest: fc.constantFrom('cloud-init' as const, 'ignition' as const),
});

/** What sets up the guest. */
function said(vm: Partial<NewVm>): unknown {
  const file = parse(newVmText({ ...WEB, ...vm }, {}, [])) as Record<string, unknown>;
  return { cloud_init: file['cloud_init'], provisioning: file['provisioning'] };
}

describe('the file of a new VM', () => {
  it('is taken by plow, whatever the answers are, and says just these', () => {
    fc.assert(
      fc.property(vms, text, (vm, note) => {
        const notes = { name: note, image: note, ip: note, gateway: note, bridge: note, keys: note };
        const made = newVmText(vm, notes, [note]);
        const { refusal, diagnostics } = checkText('new.yaml', made, { virtType: undefined });
        expect({ refusal, errors: diagnostics.filter(({ severity }) => severity === 'error') }).toEqual({
          refusal: undefined,
          errors: [],
        });
        expect(made).not.toMatch(ACTIVE);
        expect(parse(made)).toMatchObject({
          name: vm.name,
          boot_disk: { image: vm.image, size_gb: Number(vm.disk) },
          network_interfaces: [{ ip: vm.ip, gateway: vm.gateway, bridge: vm.bridge }],
        });
      }),
    );
  });

  it('has who logs in: root by cloud_init, anybody else by provisioning', () => {
    expect(said({})).toEqual({ cloud_init: { ssh_keys: [KEY] } });
    expect(said({ user: 'root' })).toEqual({ cloud_init: { ssh_keys: [KEY] } });
    expect(said({ user: 'admin' })).toEqual({
      provisioning: { login_user: 'admin', ssh_keys: [KEY], users: [{ name: 'admin', sudo: true }] },
    });
    expect(said({ guest: 'ignition', user: 'core' })).toEqual({ provisioning: { ssh_keys: [KEY] } });
    expect(said({ keys: [] })).toEqual({ cloud_init: {} });
  });

  it('has an empty list of keys where the settings have some', () => {
    const fill = { values: { ssh_keys: [KEY] }, whereIs: () => 'settings.yaml' };
    expect(newVmText({ ...WEB, keys: [] }, {}, [], fill)).toContain('ssh_keys: []');
  });

  it('has memory in MiB where it is no whole number of GiB', () => {
    expect(parse(newVmText({ ...WEB, memory: '1.5' }, {}, []))).toMatchObject({ memory_mib: 1536 });
  });
});
